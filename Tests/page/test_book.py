"""The screens of the book: bridge, map, queue, health, alerts, time machine, receipts, and the crash of a demo."""

import json
import re
import subprocess
import time

from playwright.sync_api import expect

from accounts import named
from desk import BINARY, DATA, EXPECTED_IN_A_DROP, api, desk, quoted


def test_bridge(browser):
    """The bridge says what the node says, moves, and leads on."""
    with desk(browser) as one:
        page = one.live()
        totals = {name: page.get_by_test_id(f"total-{name}") for name in ("equity", "maintenanceMargin", "freeboard")}
        expect(totals["equity"]).not_to_have_attribute("data-value", "")
        # The node values the book a few times a second: what the page shows is one of its samples, to the last digit.
        answers, shown = [], None
        until = time.monotonic() + 30
        while time.monotonic() < until and shown not in answers:
            book = api("v1/book")
            answers.append({name: book[name] for name in totals})
            shown = page.evaluate("names => Object.fromEntries(names.map((name) => [name, document.querySelector(`[data-testid=total-${name}]`).dataset.value]))", list(totals))
        assert shown in answers, (shown, answers[-1])
        fleet = page.get_by_test_id("chart-fleet")
        cells = fleet.locator("rect.cell").evaluate_all("all => all.map(one => Number(one.dataset.value))")
        assert sum(cells) == book["accounts"] - book["unvalued"], (sum(cells), book["accounts"], book["unvalued"])
        before = page.get_by_test_id("strip-seq").inner_text()
        page.wait_for_function("before => document.querySelector('.strip-seq').textContent !== before", arg=before)
        page.get_by_test_id("panel-events").get_by_role("button", name="All").click()
        assert "events=all" in page.url
        page.get_by_test_id("worst").locator("a.account").first.click()
        expect(page.get_by_test_id("panel-gauge")).to_be_visible()


def test_fleet_leads_to_accounts(browser):
    """The marks of the fleet are links that keys walk along; each says what it is."""
    with desk(browser) as one:
        page = one.live()
        dot = page.locator(".dot").first
        expect(dot).to_be_attached()
        dot.focus()
        first = page.evaluate("document.activeElement.dataset.account")
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("document.activeElement.dataset.account") != first
        assert "ratio" in page.evaluate("document.activeElement.getAttribute('aria-label')")
        name = page.evaluate("document.activeElement.dataset.account")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(name)


def test_trail(browser):
    """After some samples the marks have a line of what this page has seen, and totals say how they changed."""
    with desk(browser) as one:
        page = one.live()
        expect(page.get_by_test_id("marks").locator(".spark").first).to_be_visible()
        moved = page.get_by_test_id("moved-equity")
        expect(moved).to_contain_text(re.compile(r" in \d"))
        # A change is over the time that this page has seen, and no longer.
        seen = page.evaluate("performance.now()") / 1_000
        span = re.search(r" in ([\d.]+)\s+s", moved.inner_text())
        assert span and 5 <= float(span.group(1)) <= seen + 1, (moved.inner_text(), seen)


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
        page.wait_for_function("worst => location.hash.includes(`move=${worst}`)", arg=worst)
        said = cursor.get_attribute("aria-valuetext")
        page.keyboard.press("ArrowRight")
        assert cursor.get_attribute("aria-valuetext") != said
        cursor.scroll_into_view_if_needed()
        box = cursor.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + 20)
        page.mouse.up()
        page.wait_for_function("() => /move=0\\.\\d+/.test(location.hash)")


def test_fund_exhaustion(browser):
    """Where the fund is used up is between the two moves of the node's table where it is."""
    with desk(browser) as one:
        page = one.live()
        verdict = page.get_by_test_id("fund-verdict")
        expect(verdict).to_contain_text("fund")
        book = api("v1/book")
        fund = sum(float(item["balance"]) for item in book["funds"] if item["asset"] == book["asset"])
        down = [move for move in book["moves"] if float(move["change"]) < 0 and move["deficit"] and float(move["deficit"]) > fund]
        if down:
            nearest = f"{abs(float(down[-1]['change'])) * 100:.1f}".replace(".0", "")
            expect(verdict).to_contain_text(nearest)
        else:
            assert "−" not in verdict.inner_text() or "between" not in verdict.inner_text()


def test_map(browser):
    """The map is read by keys, labelled as exact with its event, and kept in the address."""
    symbol = api("v1/markets")["items"][0]["symbol"]
    with desk(browser) as one:
        page = one.go(f"map/{symbol}?range=0.4")
        one.live()
        readout = page.get_by_test_id("map-readout")
        expect(readout).to_be_visible()
        expect(page.get_by_test_id("panel-map")).to_contain_text(re.compile(r"exact.*seq [\d,]+", re.S))
        said = readout.inner_text()
        page.get_by_test_id("map-cursor").focus()
        page.keyboard.press("Home")
        page.wait_for_function("said => document.querySelector('[data-testid=map-readout]').innerText !== said", arg=said)
        page.wait_for_function("() => location.hash.includes('price=')")
        price = re.search(r"price=([\d.]+)", page.url).group(1)
        page.reload()
        expect(readout).to_contain_text("accounts")
        assert f"price={price}" in page.url
        answer = api("v1/liquidation-map", symbol=symbol, range="0.4", buckets=80)
        drawn = page.locator("[data-testid=chart-map] rect.bar").count()
        assert drawn > 0 and drawn >= sum(float(one["long"]) > 0 or float(one["short"]) > 0 for one in answer["buckets"]) * 0.8


def test_queue(browser):
    """The queue has the node's order, finds an account, and says why it is where it is."""
    with desk(browser) as one:
        for market in api("v1/markets")["items"]:
            for side in ("long", "short"):
                items = api("v1/adl", symbol=market["symbol"], side=side, limit=5)["items"]
                page = one.go(f"adl/{market['symbol']}/{side}")
                expect(page.get_by_test_id("adl-formula")).to_contain_text("Score =")
                if len(items) < 2:
                    continue
                scores = page.get_by_test_id("adl").locator("tbody tr td:nth-child(3)").evaluate_all("all => all.map((one) => Number(one.dataset.value))")
                assert scores == sorted(scores, reverse=True) and len(scores) > 1
                name = page.get_by_test_id("adl").locator("a.account").nth(1).inner_text()
                page.get_by_test_id("adl-find").fill(name)
                expect(page.locator(".panel-adl [role=status]").last).to_contain_text(f"{name} is number")
                assert "find=" in page.url
                return
    raise AssertionError("nobody is in any queue")


def test_health(browser):
    """Feeds, marks with ages, a balance sheet that balances, and a verification that runs when it is asked for."""
    with desk(browser) as one:
        page = one.go("health")
        one.live()
        expect(page.get_by_test_id("health-marks").locator("tbody tr").first).to_be_visible()
        expect(page.get_by_test_id("totals-sheet")).to_contain_text("balanced")
        expect(page.get_by_test_id("node-facts")).to_contain_text("Journal")
        state = page.get_by_test_id("verification-state")
        page.get_by_test_id("verify").click()
        expect(state).to_have_attribute("data-state", re.compile("running|passed"))
        expect(state).to_have_attribute("data-state", "passed", timeout=120_000)
        expect(page.get_by_test_id("panel-verification")).to_contain_text(re.compile(r"[\d,]+ of [\d,]+ accounts compared"))
        expect(page.get_by_test_id("strip-verified")).to_contain_text(re.compile(r"verified.* ago"))


FINDING = {"account": "a-0001", "kind": "figure", "what": "equity", "expected": "10.5", "found": "10.25"}


def test_findings_are_shown(browser):
    """What a verification found is listed; the answer is made up here, since a sound node finds nothing."""
    found = {"state": "found", "startedAt": 1760131200000, "endedAt": 1760131201200, "seq": 9, "accounts": 3,
             "compared": 3, "unvalued": 0, "findingCount": 240, "findings": [FINDING] * 120, "problem": None, "followed": 9, "every": 600}
    with desk(browser) as one:
        one.page.route("**/v1/verification", lambda route: route.fulfill(json=found))
        page = one.go("health")
        expect(page.get_by_test_id("verification-state")).to_contain_text("Differences were found")
        findings = page.get_by_test_id("findings").locator("li")
        expect(findings.first).to_contain_text("a-0001 equity: expected 10.5, found 10.25")
        expect(findings.last).to_contain_text("and 140 more")


ALERT = {"id": 7, "rule": "near-line", "kind": "ratio", "severity": "critical", "state": "active", "account": "a-0001",
         "value": "0.9312", "limit": "0.9", "firedAt": 1760131200000, "endedAt": None, "endedBy": None, "seq": 51,
         "text": "The ratio of a-0001 is 0.9312, above 0.9."}
RULES = {"version": 3, "changedAt": 1760131200000, "changedBy": "x", "webhooks": [], "deliveries": [], "rules": [
    {"id": "near-line", "kind": "ratio", "severity": "warning", "isEnabled": True, "after": 0, "endsAfter": 5,
     "above": "0.9", "margin": "0.05", "accounts": "*", "unheardOf": 1}]}


def test_rules_editor(browser):
    """Rules are changed and sent back whole, with what the page does not know; the node's complaints stand at their fields."""
    sent = []

    def answer(route):
        if route.request.method == "GET":
            return route.fulfill(json=RULES)
        sent.append(route.request.post_data_json)
        if len(sent) == 1:
            return route.fulfill(status=400, json={"title": "Bad rules", "detail": "One rule is wrong.", "code": "malformed",
                                                   "fields": [{"name": "rules[1].above", "problem": "is no rate."}]})
        return route.fulfill(json={**RULES, "version": 4, "rules": sent[-1]["rules"]})

    with desk(browser, allowed=EXPECTED_IN_A_DROP) as one:
        one.page.route("**/v1/alerts/rules", answer)
        page = one.go("alerts")
        rules = page.get_by_test_id("rules").locator("> li")
        expect(rules).to_have_count(1)
        rules.first.get_by_label("Above of near-line").fill("0.85")
        page.get_by_test_id("rules-add").click()
        expect(rules).to_have_count(2)
        page.get_by_test_id("rules-save").click()
        expect(rules.nth(1)).to_contain_text("is no rate")
        expect(rules.nth(1).locator("[data-field=above]")).to_have_attribute("aria-invalid", "true")
        page.get_by_test_id("rules-save").click()
        expect(page.get_by_test_id("rules-said")).to_contain_text("version 4")
        first = sent[-1]["rules"][0]
        assert sent[-1]["version"] == 3 and first["above"] == "0.85" and first["unheardOf"] == 1, sent[-1]
        assert first["endsAfter"] == 5 and sent[-1]["rules"][1]["kind"] == "ratio", sent[-1]


def test_alerts_of_the_stream(browser):
    """An alert stands in the strip and on the bridge while it is active; its name is text."""
    with desk(browser) as one:
        page = one.live()
        said = page.evaluate("""async ([alert]) => {
          const { Alerts } = await import("./core/alerts.js");
          const { alertBar } = await import("./parts/alerts.js");
          const alerts = new Alerts();
          const bar = alertBar();
          const steps = [];
          const note = () => { bar.draw(alerts); steps.push([alerts.count, alerts.worst, bar.root.hidden, bar.root.textContent, bar.root.querySelectorAll("img").length]); };
          note();
          alerts.begin({ active: 5, items: [{ ...alert, severity: "info" }] });
          note();
          alerts.take({ ...alert, id: 8, text: "<img src=x>" });
          note();
          alerts.take({ ...alert, id: 8, state: "ended", endedAt: alert.firedAt + 1000 });
          alerts.take({ ...alert, id: 99, state: "ended", endedAt: alert.firedAt + 1000 });
          note();
          return steps;
        }""", [ALERT])
        assert [step[:3] for step in said] == [[0, None, True], [5, "info", False], [6, "critical", False], [4, "info", False]], said
        assert "<img src=x>" in said[2][3] and said[2][4] == 0, said[2]


def test_alerts(browser):
    """A rule that everybody breaks fires, is shown, and ends when it is taken away."""
    before = api("v1/alerts/rules")
    with desk(browser) as one:
        page = one.go("alerts")
        one.live()
        rules = page.get_by_test_id("rules").locator("> li")
        expect(rules).to_have_count(len(before["rules"]))
        page.get_by_label("Kind of the new rule").select_option("freeboard")
        page.get_by_test_id("rules-add").click()
        added = rules.last
        added.locator("[data-field=below]").fill("999999999")
        added.locator("[data-field=accounts]").fill(named("trader"))
        page.get_by_test_id("rules-save").click()
        expect(page.get_by_test_id("rules-said")).to_contain_text("saved")
        active = page.get_by_test_id("alerts-active").locator("li", has_text=named("trader"))
        expect(active.first).to_be_visible()
        expect(page.get_by_test_id("strip-alerts")).to_contain_text(re.compile(r"\d+ alert"))
        added.get_by_role("button", name="Remove").click()
        page.get_by_test_id("rules-save").click()
        expect(active).to_have_count(0)
        expect(page.get_by_test_id("alerts-past")).to_contain_text(named("trader"))


def test_time_machine(browser):
    """The book and an account as they were: by step, by a written moment, by an event; the address has the moment."""
    with desk(browser) as one:
        page = one.go("time")
        one.live()
        expect(page.get_by_test_id("book-then")).to_be_visible()
        page = one.go(f"time?account={quoted(named('trader'))}")
        page.reload()
        expect(page.get_by_test_id("account-ratio")).not_to_have_attribute("data-value", "")
        page.get_by_role("button", name="−1 s").click()
        page.wait_for_function("() => location.hash.includes('at=')")
        at = int(re.search(r"at=(\d+)", page.url).group(1))
        expect(page.get_by_test_id("time-readout")).to_contain_text("ago")
        shown = int(page.locator(".panel-then .stamp").first.get_attribute("data-seq"))
        then = api(f"v1/accounts/{quoted(named('trader'))}", at=at)
        assert then["seq"] == shown
        assert page.get_by_test_id("number-equity").get_attribute("data-value") == then["equity"]
        page.get_by_test_id("time-input").fill("yesterday")
        page.get_by_test_id("time-input").press("Enter")
        expect(page.get_by_test_id("time-input")).to_have_attribute("aria-invalid", "true")
        page.get_by_test_id("time-input").fill(f"seq {shown}")
        page.get_by_test_id("time-input").press("Enter")
        page.wait_for_function("shown => location.hash.includes(`seq=${shown}`)", arg=shown)
        page.get_by_role("button", name="Now", exact=True).click()
        page.wait_for_function("() => !location.hash.includes('at=') && !location.hash.includes('seq=')")
        page.get_by_test_id("time-slider").fill("5000")
        page.wait_for_function("() => location.hash.includes('at=')")
        expect(page.get_by_test_id("time-readout")).to_contain_text("ago")
        for place in ("map/BTCUSDT", "adl/BTCUSDT/long"):
            page = one.go(f"{place}?at={at}")
            expect(page.get_by_test_id("past")).to_contain_text("As it was")
            expect(page.locator("main .stamp").first).to_contain_text("ago")


def test_receipt(browser):
    """The receipt of a liquidation: steps, arithmetic, whether it holds, and ways to what is beside it."""
    liquidations = [item for item in api("v1/liquidations", limit=100)["items"] if item["endedAt"]]
    assert liquidations, "nobody has been liquidated: a demo has liquidations within ten seconds"
    with desk(browser) as one:
        page = one.go(f"time/liquidation/{liquidations[-1]['liquidation']}")
        expect(page.get_by_test_id("receipt-steps").locator("li[data-type]").first).to_be_visible()
        expect(page.locator(".receipt-head")).to_contain_text("Every line was computed again and holds")
        assert page.locator(".check-fails").count() == 0
        expect(page.locator(".receipt-head a.account")).to_have_text(liquidations[-1]["account"])


def test_crash(browser):
    """The button asks first, and only who may; then the market falls live, and liquidations with receipts appear."""
    assert api("v1/status")["isDemo"] is True
    with desk(browser) as one:
        page = one.live()
        page.get_by_test_id("demo-crash").click()
        expect(page.get_by_test_id("crash-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("crash-dialog")).to_have_count(0)
        expect(page.get_by_test_id("demo-said")).to_be_hidden()
    if DATA:
        made = subprocess.run([BINARY, "keys", "create", "--data", DATA, "--role", "read", "--json"], capture_output=True, text=True, check=True)
        with desk(browser, key=json.loads(made.stdout)["key"], allowed=EXPECTED_IN_A_DROP) as one:
            page = one.live()
            page.get_by_test_id("demo-crash").click()
            page.get_by_test_id("demo-confirm").click()
            expect(page.get_by_test_id("crash-dialog")).to_contain_text("Not allowed with this key")
    with desk(browser) as one:
        page = one.live()
        page.get_by_test_id("panel-events").get_by_role("button", name="Enforcement").click()
        before = api("v1/liquidations", limit=1)["items"]
        last = before[0]["liquidation"] if before else 0
        page.get_by_test_id("demo-crash").click()
        page.get_by_test_id("demo-confirm").click()
        expect(page.get_by_test_id("crash-dialog")).to_have_count(0)
        expect(page.get_by_test_id("demo-said")).to_contain_text(re.compile(r"USDT −\d+\.\d"))
        page.wait_for_function("""last => [...document.querySelectorAll("[data-testid=feed] a.receipt")]
          .some((one) => Number(one.textContent.replace(/\\D/g, "")) > last)""", arg=last, timeout=120_000)
        page.get_by_test_id("feed").locator("a.receipt").first.click()
        expect(page.get_by_test_id("receipt-steps").locator("li[data-type]").first).to_be_visible(timeout=120_000)
        page.get_by_test_id("demo-reset").click()
        expect(page.get_by_test_id("demo-reset")).to_be_hidden()
