"""Nodes of their own: what happens when the stream ends, by the network and by a node that is killed; and a venue with two assets."""

import json
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import expect

from desk import EXPECTED_IN_A_DROP, IS_SOAK, ROOT, api, desk, send

sys.path.insert(0, str(ROOT / "Tests" / "node"))
from harness import PRICES, SYMBOLS, Gone, Node  # noqa: E402

SEQS = "all => all.map((one) => Number(one.dataset.seq))"


def seen(page):
    return page.get_by_test_id("feed").locator("li[data-seq]").evaluate_all(SEQS)


def test_offline_and_back(browser):
    """Without a network the drop is said, numbers grow old, and the stream goes on after the last event that was seen."""
    with desk(browser, allowed=EXPECTED_IN_A_DROP) as one:
        page = one.live()
        resumed = []
        page.on("request", lambda request: "/v1/stream" in request.url and resumed.append(request.headers.get("last-event-id")))
        page.get_by_test_id("panel-events").get_by_role("button", name="All").click()
        expect(page.get_by_test_id("feed").locator("li[data-seq]").first).to_be_visible()
        page.wait_for_timeout(1_500)
        last = max(seen(page))
        one.context.set_offline(True)
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
        shown = seen(page)
        assert len(shown) > 1, "the feed has nothing to compare"
        told = {item["seq"] for item in api("v1/events", limit=1000)["items"]}
        missing = {seq for seq in told if min(shown) < seq < max(shown)} - set(shown)
        assert not missing, f"a hole: {sorted(missing)[:10]}"
        assert min(shown) <= last < max(shown), f"{min(shown)} to {max(shown)} are shown, {last} was the last before the drop"
        assert shown == sorted(shown, reverse=True)


class Market(threading.Thread):
    """A feed that goes on for as long as the node does, and again when it is back."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node = node
        self.number = 0
        self.is_stopping = False

    def event(self, **body):
        self.number += 1
        return {"id": f"m-{self.number}", "time": int(time.time() * 1000), **body}

    def start_venue(self):
        events = [self.event(type="venueDefined", name="drop", mode="venue"), self.event(type="assetDefined", asset="USDT"),
                  self.event(type="rulebookAdopted", rulebook="binance-usdm")]
        events += [self.event(type="instrumentDefined", symbol=symbol) for symbol in SYMBOLS]
        events += [self.event(type="marked", symbol=symbol, price=str(PRICES[symbol])) for symbol in SYMBOLS]
        for name in ("buyer", "seller"):
            events += [self.event(type="accountOpened", account=name),
                       self.event(type="deposited", account=name, asset="USDT", amount="100000")]
        with self.node.client() as client:
            assert client.post_lines(events).json()["refused"] == 0

    def run(self):
        while not self.is_stopping:
            price = str(PRICES["BTCUSDT"] + self.number % 40)
            fill = self.event(type="filled", symbol="BTCUSDT", quantity="0.001", price=price, buyer="buyer", seller="seller")
            try:
                with self.node.client() as client:
                    client.post_lines([self.event(type="marked", symbol="BTCUSDT", price=price), fill])
            except (Gone, OSError):
                pass
            time.sleep(0.8)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_killed_and_started_again(browser):
    """kill -9 and a new start on the folder: the page comes back by itself, and no event is missing."""
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-page-"))
    node = Node(folder / "data", clock="wall", port=free_port())
    market = None
    try:
        node.start()
        market = Market(node)
        market.start_venue()
        market.start()
        url = f"http://127.0.0.1:{node.port}/"
        with desk(browser, url=url, key=node.key, allowed=EXPECTED_IN_A_DROP) as one, \
             desk(browser, url=url, key=node.key, allowed=EXPECTED_IN_A_DROP) as other:
            page = one.live()
            page.get_by_test_id("panel-events").get_by_role("button", name="All").click()
            account = other.go("account/buyer")
            expect(account.get_by_test_id("positions").locator("tbody tr").first).to_be_visible()
            for _ in range(3 if IS_SOAK else 1):
                page.wait_for_timeout(2_000)
                last = max(seen(page))
                node.kill()
                for watched in (page, account):
                    expect(watched.locator("#banner")).to_contain_text("dropped")
                    expect(watched.get_by_test_id("strip-state")).to_have_text(re.compile("LOST|CONNECTING"))
                held = account.get_by_test_id("number-equity").get_attribute("data-value")
                page.wait_for_timeout(6_000)
                assert account.get_by_test_id("number-equity").get_attribute("data-value") == held
                young = account.locator("main .panel .stamp:not(.is-old)").all_inner_texts()
                assert not young, f"these panels do not say that they are old: {young}"
                expect(account.locator(".panel-figures .stamp")).to_contain_text(re.compile(r"\d+.s"))
                node.start()
                for watched in (page, account):
                    expect(watched.get_by_test_id("strip-state")).to_have_text("LIVE")
                    expect(watched.locator("#banner")).to_be_hidden()
                page.wait_for_function("last => Math.max(...[...document.querySelectorAll('[data-testid=feed] li[data-seq]')].map((one) => Number(one.dataset.seq))) > last + 10", arg=last)
                account.wait_for_function("held => document.querySelector('[data-testid=number-equity]').dataset.value !== held", arg=held)
                page.wait_for_timeout(3_500)
                shown = seen(page)
                _, answer = send("GET", "v1/events", key=node.key, url=url, limit=1000)
                told = {item["seq"] for item in answer["items"]}
                assert min(shown) < last < max(shown), (min(shown), last, max(shown))
                assert any(min(shown) < seq < last for seq in told) and any(last < seq < max(shown) for seq in told)
                missing = {seq for seq in told if min(shown) < seq < max(shown)} - set(shown)
                assert not missing, f"a hole: {sorted(missing)[:10]} of {min(shown)} to {max(shown)}, killed after {last}"
                expect(page.locator(".feed-gap")).to_have_count(0)
    finally:
        if market:
            market.is_stopping = True
            market.join(5)
        node.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_another_history(browser):
    """A node that comes back with a shorter history is another one: the page forgets what it had seen."""
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-page-"))
    port = free_port()
    node = Node(folder / "one", clock="wall", port=port)
    try:
        node.start()
        key = node.key
        market = Market(node)
        market.start_venue()
        with node.client() as client:
            for _ in range(30):
                client.post_event(market.event(type="deposited", account="buyer", asset="USDT", amount="1"))
        with desk(browser, url=f"http://127.0.0.1:{port}/", key=key, allowed=EXPECTED_IN_A_DROP) as one:
            page = one.live()
            page.get_by_test_id("panel-events").get_by_role("button", name="All").click()
            expect(page.get_by_test_id("feed").locator("li[data-seq]").first).to_be_visible()
            assert max(seen(page)) > 30
            node.kill()
            expect(page.locator("#banner")).to_contain_text("dropped")
            # The same keys, and no journal of before.
            (folder / "two").mkdir()
            for name in ("keys.json", "master.key"):
                shutil.copy(folder / "one" / name, folder / "two" / name)
            shutil.copy(folder / "one.key", folder / "two.key")
            again = Node(folder / "two", clock="wall", port=port)
            node = again.start()
            fresh = Market(again)
            fresh.number = 1000
            fresh.start_venue()
            expect(page.get_by_test_id("strip-state")).to_have_text("LIVE")
            with again.client() as client:
                client.post_event(fresh.event(type="deposited", account="buyer", asset="USDT", amount="1"))
            # What the new one has done is there, and nothing of the other.
            page.wait_for_function("""() => {
              const seqs = [...document.querySelectorAll("[data-testid=feed] li[data-seq]")].map((one) => Number(one.dataset.seq));
              return seqs.length > 0 && Math.max(...seqs) <= 20;
            }""")
    finally:
        node.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_several_assets(browser):
    """Figures that nobody can add up are not shown as numbers, alerts see the account all the same, and margin can be
    added in each asset that it holds; another asset is added as far as the first was."""
    folder = Path(tempfile.mkdtemp(prefix="plimsoll-page-"))
    node = Node(folder / "data", clock="wall", port=free_port())
    try:
        node.start()
        market = Market(node)
        market.start_venue()
        events = [market.event(type="assetDefined", asset="USDC"),
                  market.event(type="deposited", account="buyer", asset="USDC", amount="250"),
                  market.event(type="filled", symbol="BTCUSDT", quantity="0.5", price=str(PRICES["BTCUSDT"]), buyer="buyer", seller="seller")]
        rule = {"id": "all", "kind": "freeboard", "below": "999999999", "accounts": "seller"}
        with node.client() as client:
            assert client.post_lines(events).json()["refused"] == 0
            assert client.request("PUT", "/v1/alerts/rules", json.dumps({"rules": [rule]}).encode(), "application/json").status == 200
            assert client.get("/v1/accounts/buyer")["equity"] is None
        with desk(browser, url=f"http://127.0.0.1:{node.port}/", key=node.key) as one:
            page = one.go("alerts")
            one.live()
            expect(page.get_by_test_id("alerts-active").locator("li", has_text="seller").first).to_be_visible()
            page = one.go("account/buyer")
            one.live()
            expect(page.get_by_test_id("number-equity")).not_to_have_text(re.compile(r"\d"))
            which = page.get_by_test_id("add-which")
            expect(which.locator("option")).to_have_text(["USDT", "USDC"])
            page.get_by_test_id("slider-add").focus()
            with page.expect_request(lambda request: "/whatif" in request.url and "USDT" in (request.post_data or "")) as sent:
                page.keyboard.press("End")
            assert 99_000 < float(sent.value.post_data_json["deposit"]["amount"]) <= 100_000
            with page.expect_request(lambda request: "/whatif" in request.url and "USDC" in (request.post_data or "")) as sent:
                which.select_option("USDC")
            assert sent.value.post_data_json["deposit"] == {"asset": "USDC", "amount": "250"}
            expect(page.get_by_test_id("slider-add").locator("xpath=../output")).to_contain_text("250")
            page.wait_for_function("() => location.hash.includes('add=USDC%3A250')")
    finally:
        node.kill()
        shutil.rmtree(folder, ignore_errors=True)
