"""Starts a demo, drives its page in a real Chromium, and stops it.

    python3 Tests/page/run.py [--soak] [--url URL --key KEY [--data DIR]] [NAME…]

A NAME is a test or a file of tests. `--soak` looks at all widths in both themes and kills more often. With `--url`
the node is one that runs already: a demo, and a key of the role `operator`. `PLIMSOLL_BIN` names another binary,
`PLIMSOLL_CHROMIUM` another browser than the one in the path, and `PLIMSOLL_SCREENSHOTS` a folder for pictures of
every screen. It needs the Python package `playwright`, and no browser of its.
"""

import argparse
import importlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ["test_page", "test_account", "test_book", "test_look", "test_drop"]


def start_demo(binary, folder):
    """A demo, and what it says of itself."""
    process = subprocess.Popen(
        [binary, "demo", "--port", "0", "--json", "--for", "2h", "--data", folder], cwd=HERE.parents[1],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )
    ready, _, _ = select.select([process.stdout], [], [], 120)
    line = process.stdout.readline() if ready else ""
    if not line:
        process.kill()
        sys.exit("page: the demo does not start.")
    return process, json.loads(line)


def chosen(names):
    """The tests of these names, all without any."""
    tests = {}
    for file in FILES:
        module = importlib.import_module(file)
        tests |= {name: (file, value) for name, value in vars(module).items() if name.startswith("test_")}
    unknown = [name for name in names if name not in tests and name not in FILES]
    if unknown:
        sys.exit(f"page: there is no test {unknown[0]}. There are: {', '.join(FILES)}; {', '.join(tests)}")
    return {name: test for name, (file, test) in tests.items() if not names or name in names or file in names}


def run(tests):
    """Runs them in one browser; returns the names of those that failed."""
    from accounts import make_all
    from playwright.sync_api import sync_playwright

    make_all()
    failed = []
    with sync_playwright() as playwright:
        path = os.environ.get("PLIMSOLL_CHROMIUM") or shutil.which("chromium")
        for name, test in tests.items():
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            began = time.monotonic()
            try:
                test(browser)
                print(f"ok    {name}  {time.monotonic() - began:.1f} s", flush=True)
            except Exception:
                failed.append(name)
                print(f"FAIL  {name}  {time.monotonic() - began:.1f} s", flush=True)
                traceback.print_exc()
            browser.close()
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--soak", action="store_true")
    parser.add_argument("--url")
    parser.add_argument("--key")
    parser.add_argument("--data")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.soak:
        os.environ["PLIMSOLL_SOAK"] = "1"
    binary = os.environ.get("PLIMSOLL_BIN", str(HERE.parents[1] / ".build" / "debug" / "plimsoll"))
    folder = tempfile.mkdtemp(prefix="plimsoll-page-")
    process = None
    try:
        told = {"url": options.url, "key": options.key}
        if not options.url:
            process, told = start_demo(binary, folder)
        os.environ["PLIMSOLL_URL"], os.environ["PLIMSOLL_KEY"] = told["url"], told["key"]
        data = options.data if options.url else folder
        if data:
            os.environ["PLIMSOLL_DATA"] = data
        failed = run(chosen(options.names))
    finally:
        if process:
            process.terminate()
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(f"page: {len(failed)} failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
