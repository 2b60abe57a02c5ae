"""Accounts of every kind that the page must show, made on the node through its API."""

from desk import api, post_events

PREFIX = "page"
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    # Signs that turn a text around are refused by the node; letters that are written from the right are not.
    "\u05e9\u05dc\u05d5\u05dd 12,000 \u0645\u0631\u062d\u0628\u0627 Z\u0351\u036b\u0343\u036a",
    "x" * 128,
    "a,b/c?d#e%41&f'\"\\",
    "<script>document.title='run'</script>",
]


def named(kind):
    return f"{PREFIX}-{kind}"


def make_all():
    """Opens them all; a second time changes nothing."""
    marks = {market["symbol"]: market["mark"] for market in api("v1/markets")["items"]}
    symbols = list(marks)[:2]
    events = []

    def event(name, **body):
        events.append({"id": f"{PREFIX}-{name}", **body})

    def account(name, amount=None, **options):
        event(f"open-{name}", type="accountOpened", account=name, **options)
        if amount:
            event(f"pay-{name}", type="deposited", account=name, asset="USDT", amount=amount)

    def buy(name, symbol, quantity, leg=None):
        legs = {"buyerLeg": leg} if leg else {}
        event(f"buy-{name}-{symbol}", type="filled", symbol=symbol, quantity=quantity,
              price=marks[symbol], buyer=name, seller="outside", **legs)

    def sell(name, symbol, quantity, leg=None):
        legs = {"sellerLeg": leg} if leg else {}
        event(f"sell-{name}-{symbol}", type="filled", symbol=symbol, quantity=quantity,
              price=marks[symbol], buyer="outside", seller=name, **legs)

    account(named("empty"))
    account(named("idle"), "1000")
    account(named("hedge"), "100000", positionMode="hedge")
    buy(named("hedge"), symbols[0], "0.5", "long")
    sell(named("hedge"), symbols[0], "0.2", "short")
    account(named("isolated"), "100000")
    for symbol in symbols:
        event(f"isolate-{symbol}", type="accountConfigured", account=named("isolated"), symbol=symbol,
              marginMode="isolated", leverage="5")
        buy(named("isolated"), symbol, "0.4")
    account(named("safe"), "5000000")
    buy(named("safe"), symbols[0], "0.01")
    account(named("trader"), "60000")
    buy(named("trader"), symbols[0], "1.5")
    sell(named("trader"), symbols[1], "2")
    for number, name in enumerate(HOSTILE):
        event(f"hostile-{number}", type="accountOpened", account=name)
        event(f"hostile-pay-{number}", type="deposited", account=name, asset="USDT", amount="900")
        event(f"hostile-buy-{number}", type="filled", symbol=symbols[0], quantity="0.02",
              price=marks[symbols[0]], buyer=name, seller="outside")
    # A second run would fill at other prices, which is another content for the same id.
    if not any(item["account"] == named("trader") for item in api("v1/accounts", search=PREFIX, limit=100)["items"]):
        post_events(events)
