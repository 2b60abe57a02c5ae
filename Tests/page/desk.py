"""What the tests of the page share: a node to ask, a browser with one page, and what went wrong in it."""

import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

URL = os.environ.get("PLIMSOLL_URL", "http://127.0.0.1:8086/").rstrip("/") + "/"
KEY = os.environ.get("PLIMSOLL_KEY", "")
DATA = os.environ.get("PLIMSOLL_DATA")
PICTURES = os.environ.get("PLIMSOLL_SCREENSHOTS")
IS_SOAK = bool(os.environ.get("PLIMSOLL_SOAK"))
ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PLIMSOLL_BIN", str(ROOT / ".build" / "debug" / "plimsoll"))
FILES = ROOT / "Sources" / "CPage" / "files"
SCREENS = ["bridge", "account", "map", "adl", "health", "alerts", "time"]
WIDTHS = [(360, 780), (1280, 900), (2560, 1440)]
# What the browser itself reports of a request that a test made fail.
EXPECTED_IN_A_DROP = re.compile(r"Failed to load resource|net::ERR_")
# How long a node that is busy may take: a debug build on a machine that compiles is slow.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def quoted(name):
    return urllib.parse.quote(name, safe="")


def send(method, route, body=None, key=None, url=URL, media_type="application/json", **parameters):
    """The node's status and answer to a request of the test's own; a replica that is behind is asked again."""
    query = urllib.parse.urlencode(parameters)
    request = urllib.request.Request(
        urllib.parse.urljoin(url, route) + (f"?{query}" if query else ""),
        method=method,
        data=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key or KEY}", "Content-Type": media_type},
    )
    for _ in range(60):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            body = json.loads(error.read() or b"{}")
            if body.get("code") not in ("replica_behind", "busy", "replaying"):
                return error.code, body
            time.sleep(0.5)
    raise AssertionError(f"{route} is busy for half a minute")


def api(route, **parameters):
    """The node's answer to a question; anything but 200 fails."""
    status, answer = send("GET", route, **parameters)
    assert status == 200, (route, status, answer)
    return answer


def post_events(events, url=URL, key=None):
    """Events that must all be taken; those sent before are known again."""
    now = int(time.time() * 1000)
    lines = b"".join(json.dumps({"time": now, **event}).encode() + b"\n" for event in events)
    status, tally = send("POST", "v1/events", lines, key, url, "application/x-ndjson")
    assert status == 200 and tally["refused"] == 0, tally
    return tally


def account_with_position():
    """An account that holds something and is not about to be liquidated."""
    items = api("v1/accounts", band="safe", sort="equity", limit=100)["items"]
    return next(item["account"] for item in items if item["positions"] > 0)


class Desk:
    """A browser with one page, and what went wrong in it."""

    def __init__(self, browser, width=1280, height=900, theme="light", key=KEY, url=URL, **more):
        self.url = url
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, **more
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors = []
        self.foreign = []
        self.late = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        if key:
            self.page.goto(f"{url}#key={quoted(key)}")
            self.page.wait_for_function("() => location.hash === '#/bridge'")

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(f"{message.text} {message.location.get('url', '')}")

    def _request(self, request):
        if urllib.parse.urlsplit(request.url).netloc != urllib.parse.urlsplit(self.url).netloc:
            self.foreign.append(request.url)

    def _response(self, response):
        # That the node is behind is told of in words by the page, and by the browser on its console.
        if response.status == 503:
            self.late.append(response)

    def go(self, place):
        self.page.goto(f"{self.url}#/{place}")
        return self.page

    def live(self):
        expect(self.page.get_by_test_id("strip-state")).to_have_text(re.compile("LIVE|LATE"))
        return self.page

    def check(self, allowed=None):
        """Nothing was said on the console, and nobody else was asked."""
        late = {response.url for response in self.late}
        wrong = [
            text for text in self.errors
            if not (allowed and allowed.search(text)) and not any(url in text for url in late)
        ]
        if not allowed:
            wrong += [f"503 with {code}" for code in {code_of(response) for response in self.late} - MAY_BE_LATE]
        assert not wrong, wrong
        assert not self.foreign, self.foreign


# Why a node that is well may ask to be asked again; `None`: the page has gone on, and nobody has the answer any more.
MAY_BE_LATE = {"replica_behind", "busy", "replaying", None}


def code_of(response):
    try:
        return response.json()["code"]
    except PlaywrightError:
        return None


@contextmanager
def desk(browser, allowed=None, **options):
    one = Desk(browser, **options)
    try:
        yield one
        one.check(allowed)
    finally:
        one.context.close()


def picture(page, name):
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
