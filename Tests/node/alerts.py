"""Alerts and their webhooks on the real program: rules, the stream, a receiver that works, fails, hangs and is away."""

import hashlib
import hmac
import http.server
import json
import socket
import threading
import time

import harness
from harness import check

SECRET = "a-secret-of-the-desk-0123456789"
RULES = [
    {"id": "near", "kind": "ratio", "above": "0.5", "accounts": "thin-*", "endsAfter": 0},
    {"id": "fall", "kind": "depletion", "fall": "0.2", "within": 300, "endsAfter": 0},
    {"id": "verification", "kind": "verification"},
]


def main(test):
    """A margin call's way from a mark to the stream, the list and a receiver; and what a bad receiver may not do."""
    folder = test.path("node")
    node = test.node(folder)
    risk = None
    node.start()
    risk = node.make_key("risk")
    client = node.client()
    receiver = Receiver().start()
    clock = harness.Clock()
    check_rules(test, node, client, risk, receiver)
    venue(client, clock)
    stream = Stream(node, "alerts").start()
    market = Market(client, clock)
    delivered(test, client, market, receiver, stream)
    failing(test, client, market, receiver)
    hanging(test, node, client, market, receiver)
    away(test, client, market, receiver)
    elsewhere(test, client, market, receiver)
    metrics(client)
    verification(test, client)
    writer(test, node, clock, receiver)
    restart(test, node, receiver)
    for path in (node.log.name, test.path("node/alerts.ndjson"), test.path("node/alerts-audit.ndjson")):
        with open(path, "rb") as file:
            check(SECRET.encode() not in file.read(), f"the secret is in {path}")


# The rules


def put(client, body):
    return client.request("PUT", "/v1/alerts/rules", harness.encoded(body), "application/json")


def check_rules(test, node, client, risk, receiver):
    first = client.get("/v1/alerts/rules")
    check(first["version"] == 0 and len(first["rules"]) == 6, f"the first rules are {first}")
    hook = {"id": "desk", "url": receiver.url("/in?token=t0ken"), "secret": SECRET}
    officer = harness.Client(node.port, risk)
    answer = put(officer, {"rules": RULES, "webhooks": [hook]})
    check(answer.status == 403, f"a risk officer set a webhook: {answer}")
    answer = put(client, {"version": 7, "rules": RULES})
    check(answer.status == 409 and answer.json()["code"] == "rule_conflict", f"version 7: {answer}")
    answer = put(client, {"rules": [{"id": "x", "kind": "ratio", "above": "0"}], "y": 1})
    names = [field["name"] for field in answer.json()["fields"]]
    check(answer.status == 400 and names == ["y", "rules[0].above"], f"bad rules: {answer}")
    answer = put(client, {"version": 0, "rules": RULES, "webhooks": [hook]})
    check(answer.status == 200, f"the rules were not taken: {answer}")
    check(b"t0ken" not in answer.body and SECRET.encode() not in answer.body, f"secrets are shown: {answer}")
    answer = put(officer, {"version": 1, "rules": RULES})
    check(answer.status == 200 and answer.json()["webhooks"], f"a risk officer's rules: {answer}")
    officer.close()
    test.say("rules: checked, versioned, webhooks an operator's")


# A venue with one thin account


def venue(client, clock):
    events = harness.setup(clock)
    for body in (
        {"type": "accountOpened", "account": "thin-1"},
        {"type": "deposited", "account": "thin-1", "asset": "USDT", "amount": "1000"},
        {
            "type": "filled", "source": "thin", "sequence": 1, "symbol": "BTCUSDT", "price": "60000",
            "quantity": "0.15", "buyer": "thin-1", "seller": "a-0",
        },
    ):
        events.append({"time": clock.next(), **body})
    tally = client.post_lines(events).json()
    check(tally["accepted"] == len(events), f"the venue was not set up: {tally}")
    # A fall is from what was seen: the account is to be in a sample first.
    end = time.monotonic() + 20
    while True:
        answer = client.request("GET", "/v1/book")
        if answer.status == 200 and answer.json()["seq"] >= tally["seq"]:
            break
        check(time.monotonic() < end, "the book is not sampled")
        time.sleep(0.05)
    time.sleep(1)


class Market:
    """Moves the mark so that the account is near its line, or far from it."""

    def __init__(self, client, clock):
        self.client, self.clock, self.sequence = client, clock, 0

    def mark(self, price):
        self.sequence += 1
        answer = self.client.post_event(
            {
                "type": "marked", "time": self.clock.next(), "source": "market", "sequence": self.sequence,
                "symbol": "BTCUSDT", "price": price,
            }
        )
        check(answer.status == 200, f"a mark: {answer}")

    def fall(self):
        # Equity 1,000 - 0.15 * 6,400 = 40 against a maintenance of 0.4 % of 8,040.
        self.mark("53600")

    def rise(self):
        self.mark("60000")


# A receiver


class Receiver:
    """Takes deliveries; `behave` says how it answers: a status, or `hang`."""

    def __init__(self, port=0):
        self.port = port
        self.got = []
        self.behave = lambda number: 200
        self.is_hanging = threading.Event()
        self.lock = threading.Lock()

    def start(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with owner.lock:
                    owner.got.append((time.monotonic(), self.path, dict(self.headers), body))
                    number = len(owner.got)
                status = owner.behave(number)
                if status == "hang":
                    owner.is_hanging.set()
                    time.sleep(30)
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{owner.port}/moved")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                with owner.lock:
                    owner.got.append((time.monotonic(), self.path, dict(self.headers), b"GET"))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def wait(self, count, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.lock:
                if len(self.got) >= count:
                    return self.got[:]
            time.sleep(0.02)
        with self.lock:
            raise harness.Failed(f"{len(self.got)} of {count} deliveries came: {self.names()}")

    def names(self):
        return [headers["Plimsoll-Delivery"] for _, _, headers, _ in self.got]

    def clear(self):
        with self.lock:
            self.got.clear()


def is_genuine(headers, body, secret):
    """What docs/operating/alerts.md shows."""
    time_, signature = headers["Plimsoll-Time"], headers["Plimsoll-Signature"]
    code = hmac.new(secret.encode(), time_.encode() + b"." + body, hashlib.sha256).hexdigest()
    return abs(time.time() * 1000 - int(time_)) < 300_000 and hmac.compare_digest(signature, "v1=" + code)


class Stream(threading.Thread):
    """Keeps the messages of a topic."""

    def __init__(self, node, topics):
        super().__init__(daemon=True)
        self.messages = []
        self.socket = socket.create_connection(("127.0.0.1", node.port), 60)
        self.socket.sendall(
            f"GET /v1/stream?topics={topics} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.key}\r\n\r\n".encode()
        )

    def start(self):
        super().start()
        end = time.monotonic() + 10
        while not self.messages and time.monotonic() < end:
            time.sleep(0.02)
        return self

    def run(self):
        rest = b""
        while True:
            try:
                part = self.socket.recv(65_536)
            except OSError:
                return
            if not part:
                return
            rest += part
            while b"\n\n" in rest:
                message, rest = rest.split(b"\n\n", 1)
                lines = dict(line.split(b": ", 1) for line in message.split(b"\n") if b": " in line)
                if b"event" in lines:
                    self.messages.append((lines[b"event"].decode(), json.loads(lines[b"data"])))


# What is checked


def delivered(test, client, market, receiver, stream):
    begin = time.monotonic()
    market.fall()
    got = receiver.wait(2)
    took = got[0][0] - begin
    bodies = [json.loads(body) for _, _, _, body in got]
    check({body["alert"]["rule"] for body in bodies} == {"near", "fall"}, f"delivered: {bodies}")
    for _, path, headers, body in got:
        check(path == "/in?token=t0ken", f"it came to {path}")
        check(is_genuine(headers, body, SECRET), f"the signature is wrong: {headers}")
        check(not is_genuine(headers, body + b" ", SECRET), "a changed body has the same signature")
        check(json.loads(body)["delivery"] == headers["Plimsoll-Delivery"], f"ids differ: {headers} {body}")
    check(all(body["event"] == "fired" and body["alert"]["account"] == "thin-1" for body in bodies), f"{bodies}")
    time.sleep(1)
    check(len(receiver.wait(2)) == 2, f"an alert fired again: {receiver.names()}")
    market.rise()
    got = receiver.wait(4)
    check([json.loads(body)["event"] for _, _, _, body in got[2:]] == ["ended"] * 2, f"{receiver.names()}")
    items = client.get("/v1/alerts")["items"]
    check(len(items) == 2 and all(item["endedBy"] == "value" for item in items), f"listed: {items}")
    names = [name for name, _ in stream.messages]
    check(names == ["snapshot"] + ["alert"] * 4, f"the stream said {names}")
    check(stream.messages[0][1]["topics"]["alerts"] == {"active": 0, "items": []}, f"{stream.messages[0]}")
    test.say(f"delivered {harness.milliseconds(took)} after the mark was acknowledged, signed, once, and its end")


def failing(test, client, market, receiver):
    receiver.clear()
    receiver.behave = lambda number: 500 if number <= 2 else 200
    market.fall()
    got = receiver.wait(4)
    names = receiver.names()
    check(names[0] == names[1] == names[2] != names[3], f"after two failures: {names}")
    pauses = [got[1][0] - got[0][0], got[2][0] - got[1][0]]
    check(0.4 < pauses[0] < 1.8 and 0.9 < pauses[1] < 3, f"pauses of {pauses}")
    for _, _, headers, body in got:
        check(is_genuine(headers, body, SECRET), "a repetition is not signed")
    test.say(f"after 500 it came again with the same id, {pauses[0]:.1f} and {pauses[1]:.1f} s later; the next waited")
    receiver.clear()
    receiver.behave = lambda number: 404
    market.rise()
    receiver.wait(2)
    time.sleep(1.5)
    check(len(receiver.got) == 2, f"after 404 it came again: {receiver.names()}")
    receiver.clear()
    receiver.behave = lambda number: 302
    market.fall()
    got = receiver.wait(2)
    time.sleep(0.5)
    check(all(path == "/in?token=t0ken" for _, path, _, _ in receiver.got), f"it followed a redirect: {got}")
    receiver.behave = lambda number: 200
    market.rise()
    receiver.wait(4)


def hanging(test, node, client, market, receiver):
    receiver.clear()
    receiver.behave = lambda number: "hang" if number == 1 else 200
    market.fall()
    check(receiver.is_hanging.wait(10), "nothing came")
    begin = time.monotonic()
    for _ in range(20):
        market.rise()
        client.get("/v1/status")
    took = time.monotonic() - begin
    check(took < 5, f"20 marks took {took:.1f} s while a receiver hung")
    # The one that hung twice, then the other alert and the two ends.
    got = receiver.wait(5, seconds=30)
    names = receiver.names()
    check(names[0] == names[1], f"after a time-out: {names}")
    check(9 < got[1][0] - got[0][0] < 14, f"it came again after {got[1][0] - got[0][0]:.1f} s")
    check(len(set(names[1:])) == len(names[1:]), f"more than one repetition: {names}")
    test.say(f"a receiver that hangs is left after {got[1][0] - got[0][0]:.1f} s; 20 marks took {took:.2f} s meanwhile")


def all_answered(client):
    """The receiver has a delivery before the node has its answer."""
    end = time.monotonic() + 20
    while (state := client.get("/v1/alerts/rules")["deliveries"][0])["waiting"]:
        check(time.monotonic() < end, f"deliveries wait where the receiver answers: {state}")
        time.sleep(0.02)


def away(test, client, market, receiver):
    all_answered(client)
    receiver.clear()
    receiver.stop()
    for _ in range(3):
        market.fall()
        time.sleep(0.7)
        market.rise()
        time.sleep(0.7)
    end = time.monotonic() + 15
    while True:
        waiting = client.get("/v1/alerts/rules")["deliveries"][0]
        if waiting["lastError"]:
            break
        check(time.monotonic() < end, f"nobody listens, and nothing is said of it: {waiting}")
        time.sleep(0.1)
    check(waiting["waiting"] == 12, f"nobody listens: {waiting}")
    test.say(f"nobody listens: {waiting['lastError']}")
    back = Receiver(receiver.port)
    back.start()
    got = back.wait(12, seconds=40)
    events = [(json.loads(body)["alert"]["id"], json.loads(body)["event"]) for _, _, _, body in got]
    order = [(item, event) for item, event in events if event == "fired"]
    check(order == sorted(order) and len(set(events)) == 12, f"the order was {events}")
    receiver.server, receiver.got, receiver.lock = back.server, back.got, back.lock
    test.say("a receiver that was away gets the 12 that waited, in order")


def elsewhere(test, client, market, receiver):
    answer = put(client, {"rules": RULES, "webhooks": [{"id": "desk", "url": "http://127.0.0.1:1/x"}]})
    check(answer.status == 400, f"a secret was kept for another address: {answer}")
    answer = put(client, {"rules": RULES, "webhooks": [{"id": "desk", "url": "http://u:p@127.0.0.1/x"}]})
    check(answer.status == 400 and b"u:p" not in answer.body, f"a password in an address: {answer}")


def metrics(client):
    text = client.request("GET", "/metrics").body.decode()
    for line in (
        'plimsoll_alerts_active{rule="near"} 0',
        'plimsoll_webhook_refused_total{webhook="desk"} ',
        'plimsoll_webhook_waiting{webhook="desk"} 0',
        "plimsoll_verification_up 1",
    ):
        check(f"\n{line}" in text, f"{line!r} is not in the metrics")


def verification(test, client):
    answer = client.request("POST", "/v1/verification")
    check(answer.status == 202 and answer.json()["state"] in ("running", "passed"), f"a verification: {answer}")
    end = time.monotonic() + 60
    while True:
        state = client.get("/v1/verification")
        if state["state"] != "running":
            break
        check(time.monotonic() < end, f"it does not end: {state}")
        time.sleep(0.05)
    check(state["state"] == "passed" and state["compared"] >= 21, f"verified: {state}")
    test.say(f"verified {state['compared']} accounts in {state['endedAt'] - state['startedAt']} ms")


def writer(test, node, clock, receiver):
    """Acknowledgements with nothing else, and while verifications run one after the other and a receiver hangs."""
    seconds = test.count(4, 30)
    figures = []
    for name in ("alone", "verified"):
        ends = threading.Event()
        background = threading.Thread(target=verify_on, args=(node, ends), daemon=True)
        if name == "verified":
            receiver.behave = lambda number: "hang"
            background.start()
        feed = harness.Feed(name, test.seed, clock)
        latencies, begin, count = [], time.monotonic(), 0
        with node.client() as client:
            while time.monotonic() - begin < seconds:
                start = time.monotonic()
                answer = client.post_lines(feed.events(50))
                latencies.append(time.monotonic() - start)
                check(answer.status == 200, f"a batch: {answer}")
                count += 50
        ends.set()
        if background.ident:
            background.join()
        figures.append(harness.percentile(latencies, 0.5))
        test.say(
            f"{name}: {count / seconds:.0f} events a second, p50 {harness.milliseconds(figures[-1])}, "
            f"p99 {harness.milliseconds(harness.percentile(latencies, 0.99))} of {len(latencies)} batches of 50"
        )
    # Two cores, of which the client has one: the bar is wide, and the figures are told.
    check(figures[1] < max(3 * figures[0], 0.05), "verification slows acknowledgements to a third")


def verify_on(node, ends):
    with node.client() as client:
        while not ends.is_set():
            client.request("POST", "/v1/verification")
            time.sleep(0.05)


def restart(test, node, receiver):
    before = [item["id"] for item in node.client().get("/v1/alerts")["items"]]
    code, took = node.stop()
    check(code == 0 and took < 10, f"it ended with {code} after {took:.1f} s")
    receiver.behave = lambda number: 200
    node.start()
    with node.client() as client:
        after = [item["id"] for item in client.get("/v1/alerts")["items"]]
        rules = client.get("/v1/alerts/rules")
    check(after[-len(before):] == before, f"alerts were {before} and are {after}")
    check([rule["id"] for rule in rules["rules"]] == ["near", "fall", "verification"], f"rules: {rules}")
    test.say(f"{len(before)} alerts and the rules are there after a restart")


if __name__ == "__main__":
    harness.run(main)
