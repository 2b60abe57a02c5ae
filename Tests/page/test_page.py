"""Drives the page in a real Chromium, against a node that is running.

    PLIMSOLL_URL=http://127.0.0.1:8086/ PLIMSOLL_KEY=demo-key python3 Tests/page/test_page.py [NAME…]

The key has the role `risk` or more. The venue needs a market and an account with a position, and its
marks should move, as in a demo. `PLIMSOLL_CHROMIUM` names the browser; without it, the one in the path.
`PLIMSOLL_SCREENSHOTS` is a folder for pictures of every screen; without it, none are taken.
It needs the Python package `playwright`, and no browser of its.
"""

import json
import os
import re
import shutil
import sys
import time
import traceback
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

URL = os.environ.get("PLIMSOLL_URL", "http://127.0.0.1:8086/")
KEY = os.environ.get("PLIMSOLL_KEY", "demo-key")
PICTURES = os.environ.get("PLIMSOLL_SCREENSHOTS")
FILES = Path(__file__).resolve().parents[2] / "Sources" / "CPage" / "files"
SCREENS = ["bridge", "account", "map", "adl", "health", "time"]
WIDTHS = [(360, 780), (1280, 900), (2560, 1440)]
# What the browser itself reports of a request that this test made fail.
EXPECTED_IN_A_DROP = re.compile(r"Failed to load resource|net::ERR_")


def api(route, **parameters):
    """The node's answer to a question of the test's own."""
    query = urllib.parse.urlencode(parameters)
    request = urllib.request.Request(
        urllib.parse.urljoin(URL, route) + (f"?{query}" if query else ""),
        headers={"Authorization": f"Bearer {KEY}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def account_with_position():
    """An account that holds something and is not about to be liquidated."""
    items = api("v1/accounts", band="safe", sort="equity", limit=100)["items"]
    return next(item["account"] for item in items if item["positions"] > 0)


class Desk:
    """A browser with one page, and what went wrong in it."""

    def __init__(self, browser, width=1280, height=900, theme="light", key=KEY, **more):
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, **more
        )
        self.page = self.context.new_page()
        self.errors = []
        self.foreign = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)
        if key:
            self.page.goto(f"{URL}#key={urllib.parse.quote(key)}")
            self.page.wait_for_function("location.hash === '#/bridge'")

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _request(self, request):
        if urllib.parse.urlsplit(request.url).netloc != urllib.parse.urlsplit(URL).netloc:
            self.foreign.append(request.url)

    def go(self, place):
        self.page.goto(f"{URL}#/{place}")
        return self.page

    def live(self):
        expect(self.page.get_by_test_id("strip-state")).to_have_text("LIVE", timeout=10_000)
        return self.page

    def check(self, allowed=None):
        """Nothing was said on the console, and nobody else was asked."""
        wrong = [text for text in self.errors if not (allowed and allowed.search(text))]
        assert not wrong, wrong
        assert not self.foreign, self.foreign


@contextmanager
def desk(browser, allowed=None, **options):
    one = Desk(browser, **options)
    try:
        yield one
        one.check(allowed)
    finally:
        one.context.close()



def test_files_are_served(browser):
    """Each file is served as it is in the repository, with its type and under a strict policy."""
    types = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    for file in sorted(path for path in FILES.rglob("*") if path.is_file()):
        name = file.relative_to(FILES).as_posix()
        with urllib.request.urlopen(urllib.parse.urljoin(URL, name), timeout=10) as answer:
            assert answer.read() == file.read_bytes(), name
            assert answer.headers["Content-Type"].startswith(types[file.suffix]), name
            policy = answer.headers.get("Content-Security-Policy", "")
            assert "default-src 'self'" in policy and "unsafe" not in policy, (name, policy)
    with urllib.request.urlopen(URL, timeout=10) as answer:
        assert answer.read() == (FILES / "index.html").read_bytes()


def test_files_are_in_the_binary(browser):
    """The table of the target names every file, and no other."""
    source = (FILES.parent / "CPage.c").read_text()
    listed = re.findall(r'PLIMSOLL_FILE\("/([^"]+)"', source)
    present = sorted(path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file())
    assert sorted(listed) == present, set(listed) ^ set(present)
    for name in listed:
        assert f'#embed "files/{name}"' in source, name


def test_modules(browser):
    """Decimals, formats and the parser of the stream, in the browser that runs them."""
    with desk(browser) as one:
        page = one.live()
        result = page.evaluate("""async () => {
          const d = await import("./core/decimal.js");
          const f = await import("./core/format.js");
          const { EventParser } = await import("./core/sse.js");
          const { parseRoute, route } = await import("./core/router.js");
          const cut = (text, size) => {
            const parser = new EventParser();
            const messages = [];
            for (let at = 0; at < text.length; at += size) messages.push(...parser.push(text.slice(at, at + size)));
            return messages;
          };
          const stream = ": hello\\r\\nid: 7\\nevent: book\\ndata: {\\"a\\":\\ndata: 1}\\n\\ndata: x\\r\\r\\nretry: 1\\n\\nevent: lost\\n\\nid: 8\\ndata:  two\\n\\n";
          const whole = JSON.stringify(cut(stream, 1e6));
          return {
            decimal: [d.add("0.1", "0.2"), d.subtract("1", "1.0000000000000001"), d.multiply("-1.5", "61234.5"),
              d.divide("1", "3", 5), d.divide("1", "0"), d.compare("0.10", "0.1"), d.fixed("-0.005", 2), d.fixed("0.999", 2, "down"),
              d.fixed("9007199254740993.5", 0), d.parse("1e5"), d.parse("0x10"), d.add("x", "1")],
            format: [f.exact("-81234567.12"), f.exact("0.0000000000000001"), f.amount("1059.28375", "USDT"), f.amount("0.123456789", "BTC"),
              f.ratio("0.99999"), f.ratio("0.0376343183493654", 2), f.change("0.05"), f.compact("412800000"), f.compact("-1700"),
              f.compact("12"), f.exact(null), f.price("0.00001234"), f.age(400), f.age(75_000), f.age(7_500_000), f.signed("3", "USDT")],
            sse: [whole, ...[1, 2, 3, 5, 7].map((size) => JSON.stringify(cut(stream, size)) === whole)],
            route: (() => {
              const one = parseRoute(route("account", ["a/b?c#d%20e <script>"], { why: "equity@USDT cross", at: null }));
              return [one.screen, one.parts[0], one.parameters.get("why"), one.parameters.has("at")];
            })(),
          };
        }""")
    assert result["decimal"] == [
        "0.3", "-0.0000000000000001", "-91851.75", "0.33333", None, 0, "-0.01", "0.99",
        "9007199254740994", None, None, None,
    ], result["decimal"]
    assert [text.replace("\u202f", " ") for text in result["format"]] == [
        "\u221281,234,567.12", "0.0000000000000001", "1,059.28", "0.12345679", "99.9 %", "3.76 %", "+5.0 %", "412.8 M",
        "\u22121.7 K", "12", "\u2014", "0.00001234", "0.4 s", "75 s", "2 h 5 min", "+3.00",
    ], result["format"]
    assert json.loads(result["sse"][0]) == [
        {"event": "book", "data": '{"a":\n1}', "id": "7"}, {"event": "message", "data": "x", "id": "7"},
        {"event": "message", "data": " two", "id": "8"},
    ], result["sse"][0]
    assert all(result["sse"][1:]), result["sse"]
    assert result["route"] == ["account", "a/b?c#d%20e <script>", "equity@USDT cross", False]


def test_key(browser):
    """A key leaves the address at once; without one there is a dialog, and a wrong one asks again."""
    with desk(browser) as one:
        assert KEY not in one.page.url
        assert one.page.evaluate("sessionStorage.getItem('plimsoll.key')") == KEY
    with desk(browser, key=None, allowed=EXPECTED_IN_A_DROP) as one:
        page = one.go("bridge")
        dialog = page.get_by_test_id("key-dialog")
        expect(dialog).to_be_visible()
        page.get_by_label("API key").fill("certainly-not-a-key")
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        page.wait_for_timeout(300)
        page.get_by_label("API key").fill(KEY)
        page.keyboard.press("Enter")
        one.live()


def test_screens(browser):
    """Every screen at every width and in both themes: no error, nothing wider than the window."""
    account = account_with_position()
    places = {name: name for name in SCREENS}
    places["one"] = f"account/{urllib.parse.quote(account, safe='')}"
    places["then"] = f"time?account={urllib.parse.quote(account, safe='')}"
    liquidations = api("v1/liquidations", limit=1)["items"]
    if liquidations:
        places["receipt"] = f"time/liquidation/{liquidations[0]['liquidation']}"
    for theme in ("light", "dark"):
        for width, height in WIDTHS:
            with desk(browser, width=width, height=height, theme=theme) as one:
                one.live()
                for name, place in places.items():
                    page = one.go(place)
                    expect(page.locator("main .panel, main .empty").first).to_be_visible()
                    page.wait_for_timeout(900)
                    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert beyond <= 0, (name, width, beyond)
                    if PICTURES:
                        Path(PICTURES).mkdir(parents=True, exist_ok=True)
                        page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=True)


def test_bridge(browser):
    """The bridge says what the node says, moves, and leads on."""
    with desk(browser) as one:
        page = one.live()
        book = api("v1/book")
        total = page.get_by_test_id("total-equity")
        expect(total).not_to_have_attribute("data-value", "")
        shown = float(total.get_attribute("data-value"))
        assert abs(shown / float(book["equity"]) - 1) < 0.5, (shown, book["equity"])
        fleet = page.get_by_test_id("chart-fleet")
        assert fleet.get_attribute("role") == "img"
        cells = fleet.locator("rect.cell").evaluate_all("all => all.map(one => Number(one.dataset.value))")
        assert sum(cells) == book["accounts"], (sum(cells), book["accounts"])
        before = page.get_by_test_id("strip-seq").inner_text()
        page.wait_for_function("before => document.querySelector('.strip-seq').textContent !== before", arg=before, timeout=10_000)
        for name in ("fleet", "moves"):
            assert page.get_by_test_id(f"chart-{name}").locator("title").first.text_content()
        page.get_by_test_id("worst").locator("a.account").first.click()
        expect(page.get_by_test_id("panel-gauge")).to_be_visible()


def test_moves(browser):
    """The line over the chart of moves goes by keys and by mouse, and stands in the address."""
    with desk(browser) as one:
        page = one.live()
        cursor = page.get_by_test_id("moves-cursor")
        readout = page.get_by_test_id("moves-readout")
        expect(readout).to_contain_text("accounts below")
        cursor.focus()
        page.keyboard.press("Home")
        worst = api("v1/book")["moves"][0]["change"]
        assert f"move={worst}" in page.url, page.url
        said = cursor.get_attribute("aria-valuetext")
        page.keyboard.press("ArrowRight")
        assert cursor.get_attribute("aria-valuetext") != said
        box = cursor.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + 20)
        page.mouse.up()
        assert float(re.search(r"move=([-\d.]+)", page.url).group(1)) > 0, page.url


def test_account(browser):
    """An account's numbers are the node's texts, and each opens into its terms."""
    account = account_with_position()
    with desk(browser) as one:
        page = one.go(f"account/{urllib.parse.quote(account, safe='')}")
        one.live()
        expect(page.get_by_test_id("positions").locator("tbody tr").first).to_be_visible()
        for figure in ("equity", "maintenanceMargin", "freeboard", "availableBalance"):
            assert page.get_by_test_id(f"number-{figure}").get_attribute("data-value"), figure
        first = page.get_by_test_id("number-equity").get_attribute("data-value")
        page.wait_for_function(
            "first => document.querySelector('[data-testid=number-equity]').dataset.value !== first", arg=first, timeout=15_000
        )
        for figure in ("equity", "maintenanceMargin", "availableBalance"):
            page.get_by_test_id(f"number-{figure}").click()
            why = page.get_by_test_id("why")
            expect(why.locator(".ledger tr.result").first).to_be_visible()
            assert f"why={figure}" in page.url
            page.keyboard.press("Escape")
            expect(why).to_have_count(0)
            assert "why=" not in page.url
        liquidation = page.locator("[data-figure^='liquidationPrice:']").first
        exact = liquidation.get_attribute("data-value")
        liquidation.click()
        expect(page.get_by_test_id("why")).to_contain_text("Check" if exact else "There is no such price")


def test_explanation_adds_up(browser):
    """The terms of the equity of each pool sum up to its result, exactly."""
    account = account_with_position()
    with desk(browser) as one:
        page = one.go(f"account/{urllib.parse.quote(account, safe='')}?why=maintenanceMargin")
        rows = page.get_by_test_id("why").locator(".ledger")
        expect(rows.first).to_be_visible()
        sums = page.evaluate("""async () => {
          const d = await import("./core/decimal.js");
          return [...document.querySelectorAll("[data-testid=why] .ledger")].map((ledger) => {
            const values = [...ledger.querySelectorAll("td.number")].map((cell) => cell.dataset.value);
            const result = values.pop();
            return [values.reduce((sum, value) => d.add(sum, value), "0"), result];
          });
        }""")
        for total, result in sums:
            assert abs(float(total) - float(result)) <= 1e-9, (total, result)


def test_what_if(browser):
    """Sliders ask the node; the answer, not arithmetic of the page, is shown; the address has it all."""
    account = account_with_position()
    place = f"account/{urllib.parse.quote(account, safe='')}"
    with desk(browser) as one:
        page = one.go(place)
        one.live()
        answer = page.get_by_test_id("whatif")
        equity = answer.locator("[data-figure=equity] td")
        expect(equity.nth(1)).not_to_have_attribute("data-value", "")
        slider = page.locator("input[data-testid^='slider-shock-']").first
        symbol = slider.get_attribute("data-testid").removeprefix("slider-shock-")
        slider.focus()
        with page.expect_response(lambda response: "/whatif" in response.url and response.status == 200) as sent:
            for _ in range(8):
                page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(500)
        assert re.search(rf"shock={symbol}%3A-0\.\d+", page.url), page.url
        body = sent.value.request.post_data_json
        assert set(body) <= {"shocks", "deposit"}, body
        with page.expect_response(lambda response: "/whatif" in response.url and response.status == 200):
            page.get_by_test_id("slider-add").focus()
            page.keyboard.press("PageUp")
        page.wait_for_timeout(500)
        assert "add=" in page.url
        after = equity.nth(1).get_attribute("data-value")
        now = equity.nth(0).get_attribute("data-value")
        assert after and now and after != now
        shared = page.url
    with desk(browser) as one:
        page = one.page
        page.goto(shared)
        one.live()
        expect(page.locator(f"[data-testid='slider-shock-{symbol}'] ")).not_to_have_value("0")
        expect(page.get_by_test_id("slider-add")).not_to_have_value("0")


def test_drop_and_resume(browser):
    """A drop is said, numbers grow old, and the stream goes on after the last event that was seen."""
    with desk(browser, allowed=EXPECTED_IN_A_DROP) as one:
        page = one.live()
        resumed = []
        page.on("request", lambda request: "/v1/stream" in request.url and resumed.append(request.headers.get("last-event-id")))
        page.get_by_test_id("panel-events").get_by_role("button", name="All").click()
        expect(page.get_by_test_id("feed").locator("li[data-seq]").first).to_be_visible(timeout=30_000)
        page.wait_for_timeout(1_500)
        one.context.set_offline(True)
        expect(page.locator("#banner")).to_be_visible(timeout=10_000)
        expect(page.locator("#banner")).to_contain_text("dropped")
        held = page.get_by_test_id("total-equity").get_attribute("data-value")
        page.wait_for_timeout(6_000)
        assert page.get_by_test_id("total-equity").get_attribute("data-value") == held
        expect(page.locator(".panel-fleet .stamp")).to_have_class(re.compile("is-old"))
        one.context.set_offline(False)
        one.live()
        expect(page.locator("#banner")).to_be_hidden()
        assert any(resumed), resumed
        page.wait_for_timeout(1_500)
        shown = page.get_by_test_id("feed").locator("li[data-seq]").evaluate_all("all => all.map(one => Number(one.dataset.seq))")
        told = {item["seq"] for item in api("v1/events", limit=500)["items"]}
        inside = {seq for seq in told if min(shown) < seq < max(shown)}
        wanted = inside - set(shown)
        assert not wanted, f"a hole: {sorted(wanted)[:10]}"
        assert shown == sorted(shown, reverse=True)


def test_map_and_queue(browser):
    """The map is read by keys and kept in the address; the queue finds an account and says why."""
    symbol = api("v1/markets")["items"][0]["symbol"]
    with desk(browser) as one:
        page = one.go(f"map/{symbol}?range=0.4")
        one.live()
        readout = page.get_by_test_id("map-readout")
        if readout.is_visible():
            said = readout.inner_text()
            page.get_by_test_id("map-cursor").focus()
            page.keyboard.press("Home")
            page.wait_for_function("said => document.querySelector('[data-testid=map-readout]').innerText !== said", arg=said)
        page = one.go(f"adl/{symbol}/long")
        formula = page.get_by_test_id("adl-formula")
        expect(formula).to_contain_text("Score =")
        items = api("v1/adl", symbol=symbol, side="long", limit=5)["items"]
        if items:
            page.get_by_test_id("adl-find").fill(items[-1]["account"])
            expect(page.locator(".panel-adl [role=status]")).to_contain_text(items[-1]["account"])
            assert "find=" in page.url


def test_health(browser):
    """Feeds, marks with ages, a balance sheet that balances, and a verification that runs."""
    with desk(browser) as one:
        page = one.go("health")
        one.live()
        expect(page.get_by_test_id("health-marks").locator("tbody tr").first).to_be_visible()
        expect(page.get_by_test_id("totals-sheet")).to_contain_text("balanced")
        expect(page.get_by_test_id("node-facts")).to_contain_text("Journal")
        page.get_by_test_id("verify").click()
        expect(page.get_by_test_id("verification-state")).to_have_attribute("data-state", re.compile("running|passed"))
        expect(page.get_by_test_id("verification-state")).to_have_attribute("data-state", "passed", timeout=60_000)


def test_time_machine(browser):
    """An account as it was: by step and by a written moment; the address has the moment."""
    account = account_with_position()
    with desk(browser) as one:
        page = one.go(f"time?account={urllib.parse.quote(account, safe='')}")
        one.live()
        expect(page.get_by_test_id("account-ratio")).not_to_have_attribute("data-value", "")
        page.get_by_role("button", name="\u22121 s").click()
        page.wait_for_function("location.hash.includes('at=')")
        at = int(re.search(r"at=(\d+)", page.url).group(1))
        page.get_by_role("button", name="\u22121 s").click()
        page.wait_for_function("at => location.hash.includes(`at=${at - 1000}`)", arg=at)
        page.get_by_test_id("time-input").fill("yesterday")
        page.get_by_test_id("time-input").press("Enter")
        expect(page.get_by_test_id("time-input")).to_have_attribute("aria-invalid", "true")
        page.get_by_role("button", name="Now", exact=True).click()
        page.wait_for_function("!location.hash.includes('at=')")


def test_receipt(browser):
    """The receipt of a liquidation, if there was one: steps, arithmetic, whether it holds."""
    liquidations = [item for item in api("v1/liquidations", limit=50)["items"] if item["endedAt"]]
    if not liquidations:
        print("    nobody has been liquidated: nothing to show")
        return
    with desk(browser) as one:
        page = one.go(f"time/liquidation/{liquidations[0]['liquidation']}")
        expect(page.get_by_test_id("receipt-steps").locator("li[data-type]").first).to_be_visible()
        expect(page.locator(".receipt-head")).to_contain_text("Verified")


def test_keyboard(browser):
    """`g` and a letter, `/`, `?`, Escape; the tab key reaches what can be pressed."""
    with desk(browser) as one:
        page = one.live()
        for letter, screen in zip("amqhtb", ["account", "map", "adl", "health", "time", "bridge"]):
            page.keyboard.press("g")
            page.keyboard.press(letter)
            page.wait_for_function("screen => location.hash.startsWith(`#/${screen}`)", arg=screen)
            assert page.locator("#tabs a[aria-current=page]").get_attribute("data-screen") == screen
        page.keyboard.press("?")
        expect(page.get_by_test_id("help-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("help-dialog")).to_have_count(0)
        account = account_with_position()
        page.keyboard.press("/")
        page.keyboard.type(account)
        expect(page.locator("#found li[data-href]").first).to_be_visible()
        page.keyboard.press("Enter")
        page.wait_for_function("location.hash.startsWith('#/account/')")
        page.reload()
        names = []
        for _ in range(12):
            page.keyboard.press("Tab")
            names.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.getAttribute('aria-label')"))
        assert names[0].startswith("Skip") and "Bridge" in names, names
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_contrast(browser):
    """Texts stand out from their ground by 4.5 to 1 (3 to 1 where they are large), in both themes."""
    account = account_with_position()
    for theme in ("light", "dark"):
        with desk(browser, theme=theme) as one:
            one.live()
            for place in ("bridge", f"account/{urllib.parse.quote(account, safe='')}", "health"):
                page = one.go(place)
                page.wait_for_timeout(1_200)
                poor = page.evaluate(CONTRAST)
                assert not poor, (theme, place, poor[:5])


CONTRAST = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = rgb(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] > 0.99) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("[hidden], .skip, .unseen, noscript, script")) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "")) continue;
    if (element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const isDrawn = element instanceof SVGElement;
    if (isDrawn && element.tagName === "title") continue;
    const a = light(rgb(isDrawn ? style.fill : style.color));
    const b = light(ground(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.6 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least && !element.disabled) poor.push([element.textContent.trim().slice(0, 30), ratio.toFixed(2), element.className.baseVal ?? element.className]);
  }
  return poor;
}"""


def test_names_are_only_text(browser):
    """What an account is called is never markup, and a long name breaks nothing."""
    name = "<img src=x onerror=alert(1)>\u202e'\"&" + "x" * 180
    with desk(browser, width=360, height=780, allowed=EXPECTED_IN_A_DROP) as one:
        one.page.on("dialog", lambda dialog: one.errors.append("a name ran as a script"))
        page = one.go("account/" + urllib.parse.quote(name, safe=""))
        expect(page.locator(".empty")).to_contain_text("<img src=x")
        assert page.locator("main img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_curl(browser):
    """Each screen gives its questions for a terminal, without the key."""
    with desk(browser, permissions=["clipboard-read", "clipboard-write"]) as one:
        one.live()
        for screen in SCREENS:
            page = one.go(screen)
            page.wait_for_timeout(500)
            page.get_by_test_id("copy-curl").click()
            expect(page.get_by_test_id("copy-curl")).to_have_text("Copied")
            text = page.evaluate("navigator.clipboard.readText()")
            assert text.startswith("curl ") and "/v1/" in text and KEY not in text, (screen, text)
            expect(page.get_by_test_id("copy-curl")).to_have_text("Copy as curl")


def test_theme_and_paper(browser):
    """A chosen theme stays; paper is light and without buttons."""
    with desk(browser, theme="light") as one:
        page = one.live()
        button = page.locator("#theme")
        button.click()
        button.click()
        expect(button).to_have_text("Dark")
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.locator("#tabs").is_visible()


def main(names):
    tests = {name: value for name, value in globals().items() if name.startswith("test_")}
    unknown = [name for name in names if name not in tests]
    if unknown:
        sys.exit(f"There is no test {unknown[0]}. There are: {', '.join(tests)}")
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PLIMSOLL_CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, test in tests.items():
            if names and name not in names:
                continue
            began = time.monotonic()
            try:
                test(browser)
                print(f"ok    {name}  {time.monotonic() - began:.1f} s")
            except Exception:
                failed.append(name)
                print(f"FAIL  {name}")
                traceback.print_exc()
        browser.close()
    sys.exit(f"{len(failed)} failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
