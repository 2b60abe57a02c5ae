"""The page on a large book: fills a node with accounts that hold positions, and measures in the browser.

    PLIMSOLL_BIN=.build/release/plimsoll python3 Tests/page/large.py [--accounts 100000] [--seconds 20]

It says how long the first paint with numbers takes, how long frames and tasks of the main thread take while marks
move, how much memory the page has before and after, and what the node's `/v1/book` costs. It fails where a frame
that draws takes longer than a tenth of a second, or the page grows.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "node"))
from harness import PRICES, SYMBOLS, Gone, Node  # noqa: E402

OBSERVE = """() => {
  const seen = window.seen = { tasks: [], frames: [] };
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => seen.tasks.push(entry.duration))).observe({ type: "longtask" });
  let last = performance.now();
  const step = (now) => { seen.frames.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step);
}"""


def now():
    return int(time.time() * 1000)


def fill(node, accounts):
    """Accounts in pairs: each buys from, or sells to, its neighbour; margins from ample to thin."""
    bodies = [{"type": "venueDefined", "name": "large", "mode": "venue"}, {"type": "assetDefined", "asset": "USDT"},
              {"type": "rulebookAdopted", "rulebook": "binance-usdm"}]
    bodies += [{"type": "instrumentDefined", "symbol": symbol} for symbol in SYMBOLS]
    bodies += [{"type": "marked", "symbol": symbol, "price": str(PRICES[symbol])} for symbol in SYMBOLS]
    bodies.append({"type": "insuranceFunded", "asset": "USDT", "amount": "5000000"})
    for number in range(accounts):
        name = f"a-{number:06}"
        bodies.append({"type": "accountOpened", "account": name})
        bodies.append({"type": "deposited", "account": name, "asset": "USDT", "amount": str(60 + number * 7919 % 9000)})
    for number in range(0, accounts - 1, 2):
        for place, symbol in enumerate(SYMBOLS):
            pair = [f"a-{number:06}", f"a-{number + 1:06}"]
            bodies.append({"type": "filled", "symbol": symbol, "price": str(PRICES[symbol]), "buyer": pair[place], "seller": pair[1 - place],
                           "quantity": "0.02" if place == 0 else "0.3"})
    events = [{"id": f"l-{index}", "time": now(), **body} for index, body in enumerate(bodies)]
    with node.client(timeout=600) as client:
        for start in range(0, len(events), 4_000):
            answer = client.post_lines(events[start : start + 4_000])
            tally = answer.json()
            assert answer.status == 200 and tally["refused"] == 0, tally


class Market(threading.Thread):
    """Marks that move four times a second."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node = node
        self.is_stopping = False

    def run(self):
        number = 0
        while not self.is_stopping:
            number += 1
            marks = [{"id": f"mark-{number}-{symbol}", "time": now(), "type": "marked", "symbol": symbol,
                      "price": f"{PRICES[symbol] * (1 + 0.0004 * (number % 50 - 25)):.2f}"} for symbol in SYMBOLS]
            try:
                with self.node.client(timeout=600) as client:
                    client.post_lines(marks)
            except Gone:
                pass
            time.sleep(0.25)


def quantile(values, share):
    ordered = sorted(values) or [0]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def watch(page, place, url, seconds, numbers):
    """Goes to a screen, waits for its first number, and watches it for a while."""
    # From an empty tab, so that the files and the first sample are in it.
    page.goto("about:blank")
    began = time.monotonic()
    page.goto(f"{url}#/{place}")
    page.wait_for_function("numbers => document.querySelector(numbers)?.dataset.value", arg=numbers, timeout=600_000)
    first = (time.monotonic() - began) * 1000
    page.evaluate(OBSERVE)
    page.evaluate("() => { window.seen.tasks.length = 0; window.seen.frames.length = 0; }")
    heap = "() => performance.memory.usedJSHeapSize / 1048576"
    page.wait_for_timeout(1_000)
    before = page.evaluate(heap)
    seq = page.get_by_test_id("strip-seq").inner_text()
    page.wait_for_timeout(seconds * 1000)
    moved = page.get_by_test_id("strip-seq").inner_text() != seq
    seen = page.evaluate("() => window.seen")
    frames, tasks = seen["frames"], seen["tasks"]
    result = {
        "screen": place, "firstNumber": round(first), "moved": moved, "frames": len(frames),
        "frameMedian": round(statistics.median(frames), 1), "frame99": round(quantile(frames, 0.99), 1), "frameMost": round(max(frames), 1),
        "longTasks": len(tasks), "longestTask": round(max(tasks, default=0)), "heapBefore": round(before, 1),
        "heapAfter": round(page.evaluate(heap), 1), "elements": page.evaluate("() => document.querySelectorAll('*').length"),
    }
    print(json.dumps(result), flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-large-"))
    node = Node(folder / "data", clock="wall", durability="none")
    market = None
    try:
        node.start()
        began = time.monotonic()
        fill(node, options.accounts)
        print(f"large: {options.accounts:,} accounts in {time.monotonic() - began:.1f} s, {node.memory() >> 20} MiB, load {os.getloadavg()[0]:.1f}", flush=True)
        market = Market(node)
        market.start()
        took, size = [], 0
        with node.client(timeout=600) as client:
            for _ in range(5):
                began = time.monotonic()
                size = len(client.request("GET", "/v1/book").body)
                took.append((time.monotonic() - began) * 1000)
            print(f"large: /v1/book {statistics.median(took):.0f} ms, the first {took[0]:.0f} ms, {size >> 10} KiB", flush=True)
        url = f"http://127.0.0.1:{node.port}/"
        with sync_playwright() as playwright:
            path = os.environ.get("PLIMSOLL_CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--enable-precise-memory-info"])
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.set_default_timeout(600_000)
            page.goto(f"{url}#key={node.key}")
            results = [
                watch(page, "bridge", url, options.seconds, "[data-testid=total-equity]"),
                watch(page, "account?sort=ratio", url, options.seconds // 2, "[data-testid=accounts] td.number"),
                watch(page, "account/a-000010", url, options.seconds // 2, "[data-testid=number-equity]"),
                watch(page, "map/BTCUSDT", url, options.seconds // 2, "[data-testid=chart-map] rect.bar"),
            ]
            browser.close()
        samples = node.client().get("/v1/status")
        print(f"large: the replica is {samples['replica']['lag']} events behind, {node.memory() >> 20} MiB", flush=True)
        for result in results:
            assert result["longestTask"] < 100, f"a task of {result['longestTask']} ms on {result['screen']}"
            assert result["heapAfter"] < result["heapBefore"] + 30, result
    finally:
        if market:
            market.is_stopping = True
            market.join(5)
        node.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
