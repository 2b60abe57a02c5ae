"""What the program writes while it works: one object a line, every request, and no secret and no balance."""

import hashlib
import hmac
import json
import re
import socket
import time

import harness
from harness import check

AMOUNT = "31415926.535897"
# Of a venue's answers: amounts that the engine computes from the planted one.
COMPUTED = "31415926"
PLANTED = "canary"
LEVELS = ("trace", "debug", "info", "notice", "warning", "error", "critical")


def main(test):
    """Plants secrets and amounts in requests of all kinds at the most talkative level, and searches every output."""
    for style in ("json", "text"):
        one(test, style)


def one(test, style):
    options = ["--log-format", style, "--log-level", "trace"]
    node = test.node(test.path(style), options=options).start()
    secrets = [node.key, node.make_key("read"), node.make_key("read", account="a-1")]
    clock = harness.Clock()
    with node.client() as client:
        check(client.post_lines(harness.setup(clock)).json()["refused"] == 0, "the venue")
    planted(test, node, clock, secrets)
    code, _ = node.stop()
    check(code == 0, f"SIGTERM: {node.errors()}")
    written = node.errors()
    for secret in secrets + [AMOUNT, COMPUTED, PLANTED]:
        check(secret not in written, f"'{secret[:12]}…' was written: {context(written, secret)}")
        check(len(secret) < 20 or secret[8:28] not in written, f"a part of '{secret[:12]}…' was written")
    check(not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", written), "a control character")
    if style == "json":
        lines(test, written)
    else:
        check("plimsoll: notice: started" in written and "plimsoll: info: request" in written, "lines of text")


def context(written, what):
    place = written.find(what)
    return repr(written[max(0, place - 200) : place + 100])


def planted(test, node, clock, secrets):
    """Requests of all kinds with what must not be written in every place that a client fills."""
    own = f"{PLANTED}-{test.random.randrange(1 << 40)}"
    with node.client() as client:
        deposit = harness.Feed("logs", test.seed, clock).command()
        deposit["amount"] = AMOUNT
        check(client.post_event(deposit).status == 200, "a deposit")
        for path in ("/v1/accounts", "/v1/accounts/a-1", "/v1/totals", "/v1/book", "/metrics", "/v1/status"):
            client.request("GET", path)
        for path in (
            f"/v1/accounts/{own}", f"/{own}", f"/v1/accounts?search={own}", f"/v1/status?key={own}",
            f"/v1/liquidations/{own}", f"/v1/accounts/a-1?at={own}", f"/v1/stream?topics={own}", f"/{own}%0a%1b",
        ):
            client.request("GET", path)
            client.request("POST", path, own.encode(), "application/json")
        for body in (f'{{"type":"{own}"}}', f'{{"{own}":1}}', own, f'{{"id":"{own}","type":"ticked","time":1}}'):
            client.request("POST", "/v1/events", body.encode(), "application/json")
            client.request("POST", "/v1/events", body.encode(), "application/x-ndjson")
            client.request("POST", "/v1/accounts/a-1/check", body.encode(), "application/json")
        client.request("GET", "/v1/status", headers=[("Cookie", own), ("X-Api-Key", own), ("User-Agent", own)])
        client.request("GET", "/v1/status", headers=[("Referer", f"http://{own}/"), ("Last-Event-ID", own)])
    for key in secrets[1:] + [own, secrets[0] + "x"]:
        with harness.Client(node.port, key) as client:
            for path in ("/v1/accounts/a-1", "/v1/accounts/a-2", "/v1/book", "/v1/stream?topics=x"):
                client.request("GET", path)
    for number in range(30):
        with harness.Client(node.port) as client:
            signature = hmac.new(own.encode(), str(number).encode(), hashlib.sha256).hexdigest()
            secrets.append(signature)
            client.request("GET", "/v1/status", headers=[
                ("Plimsoll-Key", own), ("Plimsoll-Time", str(int(time.time() * 1000))),
                ("Plimsoll-Nonce", own), ("Plimsoll-Signature", signature)])
    for raw in (
        f"GET /{own} HTTP/1.1\r\n\r\n", f"{own}\r\n\r\n", f"GET / HTTP/1.1\r\nHost: {own}\r\n{own}\r\n\r\n",
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {own}\r\nContent-Length: 99\r\n\r\n{own}",
    ):
        with socket.create_connection(("127.0.0.1", node.port), 5) as connection:
            connection.sendall(raw.encode())
            connection.settimeout(0.3)
            try:
                connection.recv(4_096)
            except OSError:
                pass
    # What a client may name a request is told, and cannot break a line.
    with node.client() as client:
        client.request("GET", "/v1/status", headers=[("X-Request-Id", "named-by-the-client")])
        client.request("GET", "/v1/status", headers=[("X-Request-Id", "\u202eturned")])


def lines(test, written):
    """Every line is an object, and every request has one with what it should tell."""
    objects = [json.loads(line) for line in written.splitlines()]
    for one in objects:
        check({"time", "level", "message"} <= one.keys() and one["level"] in LEVELS, f"a line: {one}")
    requests = [one for one in objects if one["message"] == "request"]
    check(len(requests) > 80, f"{len(requests)} requests were told")
    for one in requests:
        wanted = {"method", "route", "status", "microseconds", "bytes", "request", "key", "address"}
        check(wanted <= one.keys(), f"a request: {one}")
        check(one["route"] == "none" or one["route"].startswith("/"), f"a route: {one}")
    check(any(one["request"] == "named-by-the-client" for one in requests), "the id of a request")
    check({"/v1/accounts/{id}", "none"} <= {one["route"] for one in requests}, "the patterns of routes")
    said = [one["message"] for one in objects]
    for message in ("started", "listening", "finishing what waits", "ended", "log-ins were refused"):
        check(message in said, f"'{message}' was not told: {sorted(set(said))}")
    refused = sum(message == "log-ins were refused" for message in said)
    check(refused <= 10, f"{refused} lines tell of refused log-ins")
    test.say(f"{len(objects)} lines, {len(requests)} requests, no secret and no amount")


if __name__ == "__main__":
    harness.run(main)
