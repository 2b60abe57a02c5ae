"""How the page looks: widths, themes, contrast, ages, paper. With PLIMSOLL_SCREENSHOTS it leaves pictures of all."""

from playwright.sync_api import expect

from accounts import named
from desk import FILES, IS_SOAK, SCREENS, WIDTHS, api, desk, picture, quoted

CONTRAST = (FILES.parents[2] / "Tests" / "page" / "contrast.js").read_text()
CONTRAST = CONTRAST[CONTRAST.index("() =>"):]


def places():
    """Every screen, and those that need a name."""
    every = {name: name for name in SCREENS}
    for kind in ("empty", "hedge", "isolated", "safe", "trader"):
        every[kind] = f"account/{quoted(named(kind))}"
    every["what-if"] = f"account/{quoted(named('trader'))}?shock=BTCUSDT%3A-0.1&add=USDT%3A2000&close=BTCUSDT%3A0.25"
    every["why"] = f"account/{quoted(named('trader'))}?why=maintenanceMargin"
    every["then"] = f"time?account={quoted(named('trader'))}"
    liquidations = api("v1/liquidations", limit=1)["items"]
    if liquidations:
        every["receipt"] = f"time/liquidation/{liquidations[0]['liquidation']}"
    return every


def some():
    """All places in a soak; else those that differ most."""
    wanted = ("bridge", "map", "health", "alerts", "time", "trader", "empty", "why", "receipt")
    return {name: place for name, place in places().items() if IS_SOAK or name in wanted}


# Tables that are wider than their panel hide figures; a few wide ones may scroll on a telephone.
CUT = """() => [...document.querySelectorAll("main .scroll, main .whatif-answer")].filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => [one.querySelector("table")?.dataset.testid, one.scrollWidth, one.clientWidth])"""
CLIPPED = """() => [...document.querySelectorAll("main .big, main .huge, main td.number, main .totals dd, .strip > *")].filter((one) => {
  const style = getComputedStyle(one);
  return one.getClientRects().length > 0 && (one.scrollWidth > one.clientWidth + 1 && style.display !== "inline"
    || one.matches(".big, .huge") && one.getClientRects().length > 1);
}).map((one) => [one.className, one.textContent.slice(0, 40)])"""
OVERLAPS = """() => [...document.querySelectorAll("main svg.chart")].flatMap((chart) => {
  const boxes = [...chart.querySelectorAll("text")].map((one) => [one.textContent, one.getBoundingClientRect()]);
  return boxes.flatMap(([text, a], index) => boxes.slice(index + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2)
    .map(([other]) => [chart.dataset.testid, text, other]));
})"""


def test_screens(browser):
    """Every screen at every width and in both themes: no error, nothing cut off, no label over another."""
    themes = ("light", "dark")
    for theme in themes:
        for width, height in WIDTHS if IS_SOAK or theme == "light" else WIDTHS[1:2]:
            with desk(browser, width=width, height=height, theme=theme) as one:
                one.live()
                for name, place in places().items():
                    page = one.go(place)
                    expect(page.locator("main .panel, main .empty").first).to_be_visible()
                    expect(page.locator("main .waiting:visible, main .is-waiting")).to_have_count(0)
                    page.wait_for_timeout(600 if IS_SOAK else 250)
                    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert beyond <= 0, (name, width, beyond)
                    for what, script in (("cut", CUT), ("clipped", CLIPPED), ("overlaps", OVERLAPS)):
                        found = page.evaluate(script)
                        assert not found, (what, name, width, theme, found[:5])
                    picture(page, f"{name}-{width}-{theme}")


def test_contrast(browser):
    """Texts stand out from what is painted behind them by 4.5 to 1 (3 to 1 where they are large), in both themes."""
    for theme in ("light", "dark"):
        with desk(browser, theme=theme, height=2000) as one:
            one.live()
            for name, place in some().items():
                page = one.go(place)
                expect(page.locator("main .waiting:visible, main .is-waiting")).to_have_count(0)
                page.wait_for_timeout(400)
                found = page.evaluate(CONTRAST)
                assert found["seen"] > 10, (theme, name, found["seen"])
                assert not found["poor"], (theme, name, found["poor"][:5])
            page = one.go("bridge")
            page.keyboard.press("?")
            found = page.evaluate(CONTRAST)
            assert not found["poor"], (theme, "help", found["poor"][:5])


WITHOUT_AGE = """() => [...document.querySelectorAll("main [data-value], dialog [data-value]")]
  .filter((one) => one.getClientRects().length > 0 && one.dataset.value !== "" && !one.matches("button[aria-pressed], option"))
  .filter((one) => {
    for (let box = one; box; box = box.parentElement) {
      const stamp = box.querySelector?.(":scope > header .stamp, :scope > .bands-box .stamp, :scope > .stamp");
      if (stamp && /\\d/.test(stamp.textContent)) return false;
    }
    return true;
  }).map((one) => one.outerHTML.slice(0, 120))"""


def test_no_number_without_its_age(browser):
    """Each figure stands in a panel that says how old it is."""
    with desk(browser) as one:
        one.live()
        for name, place in some().items():
            page = one.go(place)
            expect(page.locator("main .waiting:visible, main .is-waiting")).to_have_count(0)
            page.wait_for_timeout(300)
            found = page.evaluate(WITHOUT_AGE)
            assert not found, (name, found[:3])


def test_charts_carry_their_values(browser):
    """Every chart has a name that says it in words, and marks with their values."""
    with desk(browser) as one:
        one.live()
        charts = {"bridge": ["fleet", "moves"], f"account/{quoted(named('trader'))}": ["gauge"], "map": ["map"]}
        for place, names in charts.items():
            page = one.go(place)
            for name in names:
                chart = page.get_by_test_id(f"chart-{name}")
                expect(chart.locator("[data-value]").first).to_be_attached()
                assert chart.get_attribute("role") == "img"
                assert len(chart.locator("title").first.text_content()) > 8, name


def test_theme_and_paper(browser):
    """A chosen theme stays; paper is light, without buttons, and keeps the figures of every screen."""
    with desk(browser, theme="light") as one:
        page = one.live()
        button = page.locator("#theme")
        button.click()
        button.click()
        expect(button).to_have_text("Dark")
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        for name, place in some().items():
            one.go(place)
            expect(page.locator("main .waiting:visible, main .is-waiting")).to_have_count(0)
            page.emulate_media(media="print")
            page.wait_for_timeout(200)
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
            assert not page.locator("#tabs").is_visible()
            pressed = page.locator("button:not(.why):not(.link):visible").all_inner_texts()
            assert not pressed, (name, pressed)
            assert page.locator("main .panel:visible").count() > 0 or name == "why"
            if name in ("bridge", "trader", "receipt"):
                picture(page, f"{name}-paper")
            page.emulate_media(media="screen")
