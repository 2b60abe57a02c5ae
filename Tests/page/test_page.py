"""The page as a whole: its files, its modules, the key, keys and focus, names from outside, the clipboard."""

import json
import os
import re
import subprocess
import urllib.parse
import urllib.request

from playwright.sync_api import expect

from accounts import HOSTILE, named
from desk import EXPECTED_IN_A_DROP, FILES, KEY, SCREENS, URL, account_with_position, desk, quoted, send


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


def test_key_in_an_open_tab(browser):
    """Another key in the address of an open tab takes over; what is answered to the one before is not shown any more."""
    held = []
    with desk(browser, key=None, allowed=EXPECTED_IN_A_DROP) as one:
        page = one.page
        page.route(re.compile(r"/v1/events\?"), lambda route: held.append(route) if not held else route.continue_())
        page.goto(f"{URL}#key={quoted(KEY)}")
        one.live()
        page.wait_for_timeout(500)
        assert held and held[0].request.headers["authorization"] == f"Bearer {KEY}"
        page.evaluate("location.hash = '#key=certainly-not-a-key'")
        expect(page.get_by_test_id("key-dialog")).to_be_visible()
        assert "certainly" not in page.url
        assert page.evaluate("sessionStorage.getItem('plimsoll.key')") == "certainly-not-a-key"
        held[0].continue_()
        page.wait_for_timeout(1_500)
        # The dialog is in front of the button.
        page.get_by_test_id("panel-events").get_by_role("button", name="All").evaluate("button => button.click()")
        expect(page.get_by_test_id("feed").locator("li")).to_have_count(0)
        page.evaluate("key => { location.hash = `#key=${key}`; }", quoted(KEY))
        expect(page.get_by_test_id("key-dialog")).to_have_count(0)
        one.live()
        page.get_by_test_id("panel-events").get_by_role("button", name="All").click()
        expect(page.get_by_test_id("feed").locator("li").first).to_be_visible()


VERIFIED = """async () => {
  const { verifiedWords } = await import("./core/verified.js");
  const end = 1760131200000, now = end + 75_000;
  const passed = { state: "passed", accounts: 3, compared: 3, findingCount: 0, seq: 9, endedAt: end };
  const says = (verification) => { const { text, isWrong } = verifiedWords(verification, now); return [text, isWrong]; };
  return [undefined, { state: "none" }, { state: "running" }, { ...passed, last: passed }, { state: "running", last: passed },
    { state: "passed", last: { ...passed, compared: 2 } }, { state: "passed", last: { ...passed, compared: 0 } },
    { state: "found", last: { ...passed, state: "found", findingCount: 1 } }, { state: "found", last: { ...passed, state: "found", findingCount: 1200 } },
    { state: "unavailable", problem: "gone", last: null }, { state: "unavailable", endedAt: end, problem: "gone", last: passed }].map(says);
}"""


def test_words_of_a_verification(browser):
    """The line on top says how a verification ended and how long ago, never that a book is verified that is not."""
    with desk(browser) as one:
        said = [[text.replace("\u202f", " "), wrong] for text, wrong in one.live().evaluate(VERIFIED)]
    assert said == [
        ["not verified yet", False], ["not verified yet", False], ["first verification is running", False],
        ["verified 75 s ago", False], ["verified 75 s ago, again now", False], ["verified 2 of 3 accounts 75 s ago", False],
        ["no account was compared 75 s ago", False], ["1 difference found 75 s ago", True], ["1,200 differences found 75 s ago", True],
        ["cannot be verified", True], ["cannot be verified, tried 75 s ago", True],
    ], said


def test_keyboard(browser):
    """`g` and a letter, `/`, `?`, Escape; where nothing is typed into."""
    with desk(browser) as one:
        page = one.live()
        for letter, screen in zip("ramqhltb", ["bridge", "account", "map", "adl", "health", "alerts", "time", "bridge"]):
            page.keyboard.press("g")
            page.keyboard.press(letter)
            page.wait_for_function("screen => location.hash.startsWith(`#/${screen}`)", arg=screen)
            tab = {"alerts": "health"}.get(screen, screen)
            expect(page.locator("#tabs a[aria-current=page]")).to_have_attribute("data-screen", tab)
        page.keyboard.press("?")
        expect(page.get_by_test_id("help-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("help-dialog")).to_have_count(0)
        account = account_with_position()
        page.keyboard.press("/")
        page.keyboard.type("gr")
        assert page.locator("#search input").input_value() == "gr" and "#/bridge" in page.url
        page.locator("#search input").fill("")
        page.keyboard.type(account)
        expect(page.locator("#found li[data-href]").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#found")).to_be_hidden()
        page.keyboard.press("/")
        page.keyboard.type(account)
        expect(page.locator("#found li[data-href]").first).to_be_visible()
        page.keyboard.press("Enter")
        page.wait_for_function("() => location.hash.startsWith('#/account/')")


FOCUSED = """() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const inner = one.querySelector(".cursor-line") ? getComputedStyle(one.querySelector(".cursor-line"), "::before") : style;
  const shape = one.querySelector("path") ? getComputedStyle(one.querySelector("path")) : style;
  return {
    name: one.getAttribute("aria-label") || one.textContent.trim() || one.getAttribute("aria-labelledby") || one.labels?.[0]?.textContent || "",
    tag: one.tagName, top: box.top + scrollY,
    seen: style.outlineStyle !== "none" || inner.outlineStyle !== "none" || (one.matches(".dot") && shape.strokeWidth === "3px"),
  };
}"""


def test_focus_order(browser):
    """The tab key goes from the top to the end of the bridge and of an account, shows where it is, and everything has a name."""
    with desk(browser) as one:
        for place in ("bridge", f"account/{quoted(named('trader'))}"):
            page = one.go(place)
            page.reload()
            one.live()
            expect(page.locator("main a.account, main button.why").first).to_be_visible()
            stops = []
            for _ in range(60):
                page.keyboard.press("Tab")
                stops.append(page.evaluate(FOCUSED))
                if stops[-1]["tag"] == "BODY":
                    break
            stops = [stop for stop in stops if stop["tag"] != "BODY"]
            assert stops[0]["name"].startswith("Skip") and "Bridge" in [stop["name"] for stop in stops]
            assert len(stops) > 15, stops
            nameless = [stop for stop in stops if not stop["name"]]
            assert not nameless, nameless
            unseen = [stop for stop in stops if not stop["seen"]]
            assert not unseen, unseen


def test_names_are_only_text(browser):
    """What an account is called is never markup, turns nothing around, breaks nothing, and leads to its account."""
    with desk(browser, width=360, height=780, allowed=EXPECTED_IN_A_DROP) as one:
        one.page.on("dialog", lambda dialog: one.errors.append("a name ran as a script"))
        for name in HOSTILE:
            page = one.go("account/" + quoted(name))
            page.reload()
            expect(page.get_by_test_id("positions").locator("tbody tr").first).to_be_visible()
            assert page.locator("main img, main script").count() == 0, name
            expect(page.locator("h1")).to_have_text(name)
            assert page.locator("h1 bdi").count() == 1, name
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
            assert "run" != page.title()
        written = page.evaluate("""async () => (await import("./core/format.js")).name("\\u202egnp.exe\\u2066\\u200b")""")
        assert written == "\u2039202e\u203agnp.exe\u20392066\u203a\u2039200b\u203a", written
        page = one.go("account?search=" + quoted("img src"))
        row = page.get_by_test_id("accounts").locator("a.account").first
        expect(row).to_have_text(HOSTILE[0])
        row.click()
        expect(page.locator("h1")).to_have_text(HOSTILE[0])
        page = one.go("account/" + quoted("<b>nobody</b>" + "y" * 180))
        expect(page.locator(".empty").first).to_contain_text("<b>nobody")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_account_with_a_comma_is_live(browser):
    """A name that a list of topics cannot carry has a stream of its own parameter."""
    with desk(browser) as one:
        page = one.go("account/" + quoted(HOSTILE[3]))
        one.live()
        figure = page.get_by_test_id("number-equity")
        expect(figure).not_to_have_attribute("data-value", "")
        before = figure.get_attribute("data-value")
        page.wait_for_function("before => document.querySelector('[data-testid=number-equity]').dataset.value !== before", arg=before)
    status, problem = send("GET", "v1/stream", account="nobody, at all")
    assert status == 404, (status, problem)


def test_copies(browser):
    """Each screen gives its questions for a terminal, without the key; some as commands too."""
    with desk(browser, permissions=["clipboard-read", "clipboard-write"]) as one:
        one.live()
        for screen in SCREENS:
            page = one.go(screen)
            page.wait_for_timeout(500)
            page.get_by_test_id("copy-curl").click()
            expect(page.get_by_test_id("copy-curl")).to_have_text("Copied")
            text = page.evaluate("navigator.clipboard.readText()")
            # The key comes from the environment by a pipe: among the arguments every user of the machine would read it.
            assert "/v1/" in text and KEY not in text and text.count(" | curl -s -H @- ") == text.count("/v1/"), (screen, text)
            for line in text.splitlines():
                done = subprocess.run(["sh", "-c", f"{line} -o /dev/null -w '%{{http_code}}'"], capture_output=True, text=True,
                                      env={**os.environ, "PLIMSOLL_KEY": KEY}, timeout=20)
                assert done.stdout == "200", (screen, line, done)
            expect(page.get_by_test_id("copy-curl")).to_have_text("Copy as curl")
        page = one.go("account/" + quoted(named("trader")))
        page.get_by_test_id("copy-cli").click()
        expect(page.get_by_test_id("copy-cli")).to_have_text("Copied")
        text = page.evaluate("navigator.clipboard.readText()")
        assert text.splitlines()[0] == f"plimsoll account {named('trader')} --server {URL.rstrip('/')}", text
        page = one.go("map")
        expect(page.get_by_test_id("copy-cli")).to_be_hidden()
