"""Sends what no honest client sends: each request gets the right refusal or a closed connection, and the node goes on."""

import gzip
import hashlib
import hmac
import json
import os
import re
import socket
import subprocess
import threading
import time

import harness
from harness import BINARY, Clock, check

LIMIT = 1 << 20


def main(test):
    """Tables of bad requests over raw sockets; none may be answered with 5xx or end the node."""
    node = test.node(test.path("node"), clock="wall").start()
    clock = Clock()
    with node.client() as client:
        tally = client.post_lines(harness.setup(clock, accounts=3)).json()
    check(tally["refused"] == 0, f"the venue was not set up: {tally}")
    desk = Desk(test, node)
    slow = Slow(desk)
    sections = [sizes, documents, events, paths, smuggling, headers, methods, queries, credentials, signatures]
    for section in sections:
        if section is signatures:
            # It starts the node again.
            slow.finish()
            desk.quiet()
        before = deposits(node)
        started = desk.sent
        expected = section(desk)
        check(node.is_running(), f"{section.__name__}: the node has ended: {node.errors()}")
        after = deposits(node)
        problems = "\n    ".join(desk.problems)
        check(not problems, f"{section.__name__}, {len(desk.problems)} answers:\n    {problems}")
        check(
            after - before == expected,
            f"{section.__name__}: {after - before} deposits were taken, and {expected} were honest",
        )
        test.say(f"{section.__name__}: {desk.sent - started} requests")
    desk.quiet()
    test.say(f"{desk.sent} requests, none answered with 5xx; the node answers")


def deposits(node):
    """How much was deposited: each honest event of this test is a deposit of 1."""
    with node.client() as client:
        return int(client.get("/v1/totals")["items"][0]["deposits"])


class Desk:
    """Sends bytes as they are and says what came back."""

    def __init__(self, test, node):
        self.test = test
        self.node = node
        self.sent = 0
        self.problems = []
        self.bearer = f"Authorization: Bearer {node.key}\r\n".encode()

    def raw(self, request, timeout=3.0, parts=None):
        """The statuses that were answered, all bytes, and whether the connection was closed."""
        self.sent += 1
        connection = socket.create_connection(("127.0.0.1", self.node.port), timeout)
        answer = b""
        closed = False
        try:
            try:
                connection.sendall(request)
                for part in parts or ():
                    connection.sendall(part)
            except OSError:
                pass  # It closes while we still send: what it said is there to read.
            while True:
                part = connection.recv(1 << 16)
                if not part:
                    closed = True
                    break
                answer += part
        except socket.timeout:
            pass
        except OSError:
            closed = True
        finally:
            connection.close()
        statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]
        return statuses, answer, closed

    def request(self, head, body=b"", bearer=True, length=True, close=True, **options):
        """A request whose head is given without its end."""
        text = head if isinstance(head, bytes) else head.encode()
        text += b"\r\nHost: x\r\n"
        if close:
            text += b"Connection: close\r\n"
        if bearer:
            text += self.bearer
        if length and body:
            text += f"Content-Length: {len(body)}\r\n".encode()
        return self.raw(text + b"\r\n" + body, **options)

    def expect(self, what, statuses, result):
        """One answer, with one of the statuses."""
        found, answer, closed = result
        if len(found) != 1 or found[0] not in statuses:
            end = ", closed" if closed else ""
            self.problems.append(f"{what}: answered {found}{end} instead of {statuses}: {answer[-300:]!r}")
        return answer

    def post(self, body, media_type="application/json", head="", **options):
        return self.request(
            f"POST /v1/events HTTP/1.1\r\nContent-Type: {media_type}{head}", body, **options
        )

    def quiet(self):
        """Nothing that was sent is in the log as a control character, and no secret is."""
        log = self.node.errors()
        control = re.search(r"[\x00-\x08\x0b-\x1f\x7f]", log)
        check(not control, f"the log has a control character: {log[:2_000]!r}")
        secret = self.node.key.split("_")[2]
        check(secret not in log, "the log has a key")
        check("Fatal error" not in log, f"the log has a crash: {log[-2_000:]}")


def deposit(number, **more):
    """An event that would be taken, with an id of its own."""
    event = {
        "type": "deposited", "time": harness.START, "id": f"honest-{number}", "account": "a-0",
        "asset": "USDT", "amount": "1",
    }
    return {**event, **more}


# Sizes


def sizes(desk):
    """Bodies and headers above their limits."""
    json_head = "POST /v1/events HTTP/1.1\r\nContent-Type: application/x-ndjson"
    full = b"#" * (LIMIT - 1) + b"\n"
    desk.expect("a body of 1 MiB", {200}, desk.request(json_head, full))
    desk.expect("a body of 1 MiB and a byte", {413}, desk.request(json_head, full + b"\n"))
    for length in (LIMIT + 1, 10 << 30, (1 << 63) - 1):
        result = desk.request(f"{json_head}\r\nContent-Length: {length}", length=False)
        desk.expect(f"a body announced with {length} bytes", {413, 400}, result)
        check(result[2], f"a body announced with {length} bytes: the connection stays open")
    before = desk.node.memory()
    rounds = desk.test.count(3, 30)
    for size in (1 << 16, 100, LIMIT):
        part = f"{size:x}\r\n".encode() + b"#" * size + b"\r\n"
        for _ in range(rounds):
            result = desk.raw(
                f"{json_head}\r\nHost: x\r\nTransfer-Encoding: chunked\r\n".encode() + desk.bearer + b"\r\n",
                parts=(part for _ in range(2 + (16 << 20) // size if size > 100 else 30_000)),
            )
            found, _, closed = result
            check(found in ([413], []) and closed, f"chunks of {size} bytes without an end: {found}")
    rise = (desk.node.memory() - before) / (1 << 20)
    desk.test.say(f"memory rose by {rise:.1f} MiB over {3 * rounds} bodies without an end")
    check(rise < 64, f"memory rose by {rise:.1f} MiB")
    compressed = gzip.compress(b"#" * (50 << 20))
    desk.expect(
        "a compressed body",
        {415},
        desk.request(f"{json_head}\r\nContent-Encoding: gzip", compressed),
    )
    for name, head in (
        ("a header of 20 KiB", b"X-Large: " + b"a" * 20_480),
        ("headers of 400 KiB", b"\r\n".join(b"X-%d: %s" % (n, b"a" * 4_096) for n in range(100))),
        ("2,000 headers", b"\r\n".join(b"X-%d: a" % n for n in range(2_000))),
        ("a header's name of 20 KiB", b"X" * 20_480 + b": a"),
    ):
        found, answer, closed = desk.request(b"GET /v1/status HTTP/1.1\r\n" + head)
        check(
            closed and (not found or found[0] in (400, 413, 431)) and len(found) < 2,
            f"{name}: {found} {answer[:300]!r}",
        )
    long_path = "/" + "a" * 100_000
    found, answer, closed = desk.request(f"GET {long_path} HTTP/1.1")
    check(closed and (not found or found[0] in (400, 404, 414, 431)), f"a path of 100 kB: {found}")
    return 0


class Slow:
    """Clients that send a byte now and then, beside everything else."""

    def __init__(self, desk):
        self.desk = desk
        self.results = {}
        head = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + desk.bearer
        cases = {
            # Name: what is sent at once, what is repeated, seconds until the end, whether something is answered.
            "a slow head": (b"GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"a", 5, False),
            "a slow request line": (b"GET /", b"a", 5, False),
            "a slow body": (head + b"Content-Length: 1000\r\n\r\n{", b" ", 10, True),
            "slow chunks": (head + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 10, True),
            "a body that never comes": (head + b"Content-Length: 1000\r\n\r\n", b"", 10, True),
            "a head that ends halfway": (b"GET /v1/status HTTP/1.1\r\nHost: x\r\n", b"", 5, False),
            "a second head that is slow": (
                b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal", b"z", 5, None,
            ),
        }
        self.cases = cases
        self.threads = [
            threading.Thread(target=self._run, args=(name, *case), daemon=True)
            for name, case in cases.items()
        ]
        for thread in self.threads:
            thread.start()

    def _run(self, name, begin, again, limit, is_answered):
        connection = socket.create_connection(("127.0.0.1", self.desk.node.port), 0.5)
        start = time.monotonic()
        answer = b""
        closed = False
        try:
            connection.sendall(begin)
            while time.monotonic() - start < limit + 10:
                try:
                    part = connection.recv(65_536)
                    if not part:
                        closed = True
                        break
                    answer += part
                except socket.timeout:
                    connection.sendall(again)
        except OSError:
            closed = True
        connection.close()
        self.results[name] = (closed, time.monotonic() - start, answer)

    def finish(self):
        for thread in self.threads:
            thread.join(60)
        problems = []
        for name, (_, _, limit, is_answered) in self.cases.items():
            self.desk.sent += 1
            closed, took, answer = self.results[name]
            statuses = re.findall(rb"HTTP/1\.1 (\d{3})", answer)
            if not closed or took > limit + 2.5:
                end = f"was closed after {took:.1f} s" if closed else f"was still open after {took:.1f} s"
                problems.append(f"{name} {end}, the limit is {limit} s: {statuses}")
            elif is_answered and statuses != [b"408"]:
                problems.append(f"{name}: answered {statuses}")
            self.desk.test.say(f"{name}: closed after {took:.1f} s, {statuses}")
        check(not problems, "; ".join(problems))


# What is in a body


def documents(desk):
    """Bodies that are no JSON documents, as one event and as a line."""
    good = json.dumps(deposit("json"))
    field = good[:-1]
    bodies = {
        "nothing": b"",
        "blanks": b"   \n ",
        "null": b"null",
        "a number": b"1",
        "a text": b'"a"',
        "a list": b"[]",
        "an event in a list": f"[{good}]".encode(),
        "an object without fields": b"{}",
        "depth 10,000 of lists": b"[" * 10_000,
        "depth 10,000 of objects": b'{"a":' * 10_000,
        "depth 200,000": b"[" * 200_000 + b"]" * 200_000,
        "depth 33 in a field": f'{field},"x":'.encode() + b"[" * 33 + b"]" * 33 + b"}",
        "the same key twice": f'{field},"amount":"2"}}'.encode(),
        "the same key twice, escaped": f'{field},"\\u0061mount":"2"}}'.encode(),
        "a lone high surrogate": good.replace("a-0", "\\ud800").encode(),
        "a lone low surrogate": good.replace("a-0", "\\udc00").encode(),
        "surrogates the wrong way": good.replace("a-0", "\\udc00\\ud800").encode(),
        "a NUL in a text": good.replace("a-0", "a\0").encode(),
        "an escaped NUL in a name": good.replace("a-0", "a\\u0000").encode(),
        "a NUL behind the object": good.encode() + b"\0",
        "a byte order mark": b"\xef\xbb\xbf" + good.encode(),
        "UTF-16": good.encode("utf-16"),
        "UTF-32": good.encode("utf-32"),
        "bytes that are no UTF-8": good.encode().replace(b"a-0", b"\xff\xfe"),
        "an overlong form": good.encode().replace(b"a-0", b"\xc0\x80"),
        "a surrogate as UTF-8": good.encode().replace(b"a-0", b"\xed\xa0\x80"),
        "a code point above Unicode": good.encode().replace(b"a-0", b"\xf4\x90\x80\x80"),
        "a cut character": good.encode().replace(b'a-0"', b"\xe2\x82"),
        "a control character": good.replace("a-0", "a\x01").encode(),
        "a tab in a text": good.replace("a-0", "a\t").encode(),
        "an unknown escape": good.replace("a-0", "\\x41").encode(),
        "half an escape": good.replace("a-0", "\\u12").encode(),
        "an open text": good[:40].encode(),
        "an open object": field.encode(),
        "a comma too much": f"{field},}}".encode(),
        "no comma": good.replace(",", " ", 1).encode(),
        "single quotes": good.replace('"', "'").encode(),
        "no quotes": good.replace('"type"', "type").encode(),
        "a comment": f"{field}/* */}}".encode(),
        "two objects": (good + good).encode(),
        "something behind it": (good + "]").encode(),
        "NaN": good.replace('"1"', "NaN").encode(),
        "Infinity": good.replace('"1"', "Infinity").encode(),
        "a leading plus": good.replace('"1"', "+1").encode(),
        "a leading zero": good.replace('"1"', "01").encode(),
        "a bare point": good.replace('"1"', ".").encode(),
        "an open exponent": good.replace('"1"', "1e").encode(),
        "hexadecimal": good.replace('"1"', "0x10").encode(),
        "a word": good.replace('"1"', "True").encode(),
        "10^6 digits": good.replace('"1"', "1" * 1_000_000).encode(),
        "10^6 digits as text": good.replace('"1"', f'"{"1" * 1_000_000}"').encode(),
        "a number of 1e999999999": good.replace('"1"', "1e999999999").encode(),
        "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "YAML tags": b"!!python/object/apply:os.system ['true']",
        "a YAML anchor": b"&a [*a, *a]",
    }
    for name, body in bodies.items():
        answer = desk.expect(f"{name}, as an event", {400, 422}, desk.post(body))
        if b"application/problem+json" not in answer:
            desk.problems.append(f"{name}: no problem document: {answer[:300]!r}")
        # Among lines, one that is JSON stands alone, and blank ones are allowed.
        lines = desk.post(body, "application/x-ndjson")
        answer = desk.expect(f"{name}, as a line", {200, 400}, lines)
        if lines[0] == [200]:
            check(b'"accepted":0' in answer, f"{name}, as a line: {answer[-500:]!r}")
    for media_type in ("text/plain", "application/xml", "multipart/form-data", "", "application/jsonp"):
        desk.expect(
            f"media type '{media_type}'", {415}, desk.post(json.dumps(deposit("media")).encode(), media_type)
        )
    return 0


def events(desk):
    """Events whose content is wrong; ids that were used for another content."""
    wrong = {
        "an unknown type": {"type": "stolen"},
        "an unknown field": {"extra": 1},
        "no account": {"account": None},
        "an unknown account": {"account": "nobody"},
        "an account that is a list": {"account": ["a-0"]},
        "an account that is an object": {"account": {"name": "a-0"}},
        "an account that is a number": {"account": 1e99},
        "an unknown asset": {"asset": "DOGE"},
        "at": {"at": harness.START},
        "at in the future": {"at": 4_102_444_800_000},
        "time as text": {"time": "yesterday"},
        "time beyond 64 bits": {"time": 1 << 64},
        "time that overflows as nanoseconds": {"time": (1 << 63) - 1},
        "time below zero, far": {"time": -(1 << 63)},
        "time with seven digits behind the point": {"time": "1760131200000.1234567"},
        "time that is a fraction of a number": {"time": "1.5e3"},
        "an id that is too long": {"id": "x" * 100_000},
        "an id with a control character": {"id": "a\x1b[31m"},
        "an empty id": {"id": ""},
        "a sequence below zero": {"id": None, "source": "s", "sequence": -1},
        "a sequence beyond 64 bits": {"id": None, "source": "s", "sequence": 1 << 64},
        "a sequence without a source": {"id": None, "sequence": 1},
    }
    for amount in (
        "0", "-1", "-0", "+-1", "1e25", "1E400", "1e-400", "NaN", "inf", "-Infinity", "0x10", "1_000", "1,000", " 1",
        "1 ", "", ".", "-", "1..2", "1.2.3", "１", "٣", "²", "1\0", "1" * 400, "0." + "0" * 17 + "1",
        "170141183460469231731687303715884105727", "99999999999999999999999999", "1e", "one", "\u202e1",
    ):
        wrong[f"amount {amount[:45]!r}"] = {"amount": amount}
    desk.expect("an honest event", {200}, desk.post(harness.encoded(deposit("first"))))
    number = 0
    for name, change in wrong.items():
        number += 1
        event = {**deposit(f"wrong-{number}"), **change}
        for key in [key for key, value in change.items() if value is None]:
            del event[key]
        result = desk.post(harness.encoded(event))
        answer = desk.expect(name, {400, 422}, result)
        if b'"detail":"' not in answer:
            desk.problems.append(f"{name}: no detail")
    for name, change in {
        "another amount": {"amount": "2"},
        "another account": {"account": "a-1"},
        "another type": {"type": "withdrawalRequested"},
    }.items():
        desk.expect(
            f"an id again with {name}", {409}, desk.post(harness.encoded({**deposit("first"), **change}))
        )
    answer = desk.expect("the same again", {200}, desk.post(harness.encoded(deposit("first"))))
    check(b'"repeated"' in answer, f"the same again: {answer!r}")
    for rulebook in (
        "../../../etc/passwd", "/etc/passwd", "binance-usdm/../../x", "..", "", "a" * 65, "binance\0",
        {"extends": "../rulebooks/binance-usdm.yaml"}, {"extends": "/etc/passwd"}, [], {"format": "x"},
    ):
        event = {"type": "rulebookAdopted", "time": harness.START, "id": "book", "rulebook": rulebook}
        answer = desk.expect(f"rulebook {rulebook!r}", {400, 422}, desk.post(harness.encoded(event)))
        check(b"root:" not in answer, f"rulebook {rulebook!r}: {answer!r}")
    return 1


# Paths


def paths(desk):
    """Paths that lead out of a folder, in every form."""
    climbs = [
        "../", "..%2f", "..%2F", "%2e%2e/", "%2e%2e%2f", "%2E%2E%2F", ".%2e/", "%2e./", "..\\", "..%5c", "%2e%2e%5c",
        "%252e%252e%252f", "..%252f", "%c0%ae%c0%ae/", "%c0%ae%c0%ae%c0%af", "..%c0%af", "..%c1%9c", "%e0%80%ae%e0%80%ae/",
        "%uff0e%uff0e/", "..%u2215", "....//", "..../", ".../", "..;/", "..%00/", "..%0d/", "..%0a/", "..%09/", "%2e%2e;/",
        "./../", ".//..//", "..%2f%2e%2e%2f", "%5c..%5c", "..%ef%bc%8f", "%f0%80%80%ae%f0%80%80%ae/", "..%25%5c", "%%32%65%%32%65/",
    ]
    attacks = [f"/{climb * 6}etc/passwd" for climb in climbs]
    attacks += [f"/v1/accounts/{climb * 6}etc/passwd" for climb in climbs[:14]]
    attacks += [f"/v1/rulebooks/{climb * 6}etc/passwd" for climb in climbs[:14]]
    attacks += [
        "//etc/passwd", "/etc/passwd", "///etc/passwd", "/%00", "/index.html%00.js", "/index.html/../../etc/passwd",
        "/index.html/", "/index.html;x", "/./index.html", "/css/../index.html", "/INDEX.HTML", "/index.html%20", "/index.html.",
        "/head.pj", "/keys.json", "/master.key", "/journal-00000000000000000001.pj", "/.git/config", "/proc/self/environ",
        "/v1/accounts/a-0/../a-1", "/v1/accounts/a-0%2f..%2fa-1", "/v1//status", "/v1/status/", "/V1/status", "/v1/./status",
        "/v1/accounts/%", "/v1/accounts/%zz", "/v1/accounts/%ff", "/v1/accounts/%00", "/v1/accounts/%0d%0aX-Injected:%201",
        "/v1/accounts/" + "a" * 8_000, "/v1/accounts/", "/v1/rulebooks/", "file:///etc/passwd", "http://x/etc/passwd", "*", "etc/passwd",
    ]
    for path in attacks:
        answer = desk.expect(f"path {path[:80]}", {400, 404}, desk.request(f"GET {path} HTTP/1.1"))
        check(b"root:" not in answer and b"PLM" not in answer, f"path {path}: {answer[:300]!r}")
        check(b"\r\nX-Injected" not in answer, f"path {path}: {answer[:300]!r}")
    return 0


# Framing


def smuggling(desk):
    """Requests that two readers would cut in different places: refused, closed, and no second answer."""
    hidden = b"GET /v1/status HTTP/1.1\r\nHost: x\r\n" + desk.bearer + b"\r\n"
    start = b"POST /v1/events HTTP/1.1\r\nHost: x\r\n"
    media = b"Content-Type: application/x-ndjson\r\n" + desk.bearer
    body = b"0\r\n\r\n" + hidden
    length = b"Content-Length: %d\r\n" % len(body)
    chunked = b"Transfer-Encoding: chunked\r\n"

    def post(*lines, tail=body):
        return start + media + b"".join(lines) + b"\r\n" + tail

    def get(*lines, line=b"GET /v1/status HTTP/1.1\r\n", host=b"Host: x\r\n"):
        return line + host + desk.bearer + b"".join(lines) + b"\r\n" + hidden

    chunk = b"1\r\n#\r\n0\r\n\r\n" + hidden
    table = {
        "length and chunked": post(length, chunked),
        "chunked and length": post(chunked, length),
        "short length and chunked": post(b"Content-Length: 4\r\n", chunked),
        "length 0 and chunked": post(b"Content-Length: 0\r\n", chunked),
        "chunked twice and length": post(chunked, chunked, length),
        "CHUNKED and length": post(b"Transfer-Encoding: CHUNKED\r\n", length),
        "chunked behind a tab, and length": post(b"Transfer-Encoding:\tchunked\r\n", length),
        "xchunked": post(b"Transfer-Encoding: xchunked\r\n"),
        "xchunked and length": post(b"Transfer-Encoding: xchunked\r\n", length),
        "identity": post(b"Transfer-Encoding: identity\r\n", length),
        "chunked, identity": post(b"Transfer-Encoding: chunked, identity\r\n"),
        "identity, chunked and length": post(b"Transfer-Encoding: identity, chunked\r\n", length),
        "chunked, then identity": post(chunked, b"Transfer-Encoding: identity\r\n"),
        "gzip": post(b"Transfer-Encoding: gzip\r\n"),
        "no coding, and length": post(b"Transfer-Encoding:\r\n", length),
        "quoted chunked": post(b'Transfer-Encoding: "chunked"\r\n'),
        "chunked behind a vertical tab": post(b"Transfer-Encoding: \x0bchunked\r\n"),
        "chunked before a NUL": post(b"Transfer-Encoding: chunked\x00\r\n"),
        "coding with a space before the colon": post(b"Transfer-Encoding : chunked\r\n", length),
        "coding with a tab before the colon": post(b"Transfer-Encoding\t: chunked\r\n", length),
        "coding with a space before it": post(b"X: y\r\n Transfer-Encoding: chunked\r\n", length),
        "coding behind a bare line feed": post(b"X: y\nTransfer-Encoding: chunked\r\n", length),
        "coding behind a bare carriage return": post(b"X: y\rTransfer-Encoding: chunked\r\n", length),
        "coding with a NUL in its name": post(b"Transfer\x00-Encoding: chunked\r\n", length),
        "coding in two lines": post(b"Transfer-Encoding:\r\n chunked\r\n", length),
        "two lengths": post(length, b"Content-Length: 5\r\n"),
        "two lengths, the first short": post(b"Content-Length: 5\r\n", length),
        "two lengths in one": post(b"Content-Length: 5, %d\r\n" % len(body)),
        "the same length twice in one": post(b"Content-Length: 5, 5\r\n"),
        "a length with a plus": post(b"Content-Length: +5\r\n"),
        "a length below zero": post(b"Content-Length: -5\r\n"),
        "a hexadecimal length": post(b"Content-Length: 0x5\r\n"),
        "a length in two words": post(b"Content-Length: 5 5\r\n"),
        "a length with a word": post(b"Content-Length: 5x\r\n"),
        "a length with a fraction": post(b"Content-Length: 5.0\r\n"),
        "no length": post(b"Content-Length:\r\n"),
        "a length beyond 64 bits": post(b"Content-Length: 18446744073709551621\r\n"),
        "a length with a space before the colon": post(b"Content-Length : 5\r\n"),
        "a length in two lines": post(b"Content-Length:\r\n 5\r\n"),
        "a length behind a NUL": post(b"Content-Length: \x005\r\n"),
        "bare line feeds": get().replace(b"\r\n", b"\n"),
        "one bare line feed": get(b"X: y\n"),
        "a bare carriage return": get(b"X: y\rZ: y\r\n"),
        "a folded header": get(b"X: y\r\n z\r\n"),
        "a space before the first header": get(host=b" Host: x\r\n"),
        "two carriage returns": get(b"X: y\r\r\n"),
        "a header without a colon": get(b"Header\r\n"),
        "a header without a name": get(b": y\r\n"),
        "a header's name with a bracket": get(b"X(: y\r\n"),
        "a NUL in a header": get(b"X: \x00\r\n"),
        "no host": get(host=b""),
        "two hosts": get(host=b"Host: x\r\nHost: y\r\n"),
        "a tab in the first line": get(line=b"GET\t/v1/status HTTP/1.1\r\n"),
        "a method with a bracket": get(line=b"GE(T /v1/status HTTP/1.1\r\n"),
        "a version that does not exist": get(line=b"GET /v1/status HTTP/1.9x\r\n"),
        "version 2.0": get(line=b"GET /v1/status HTTP/2.0\r\n"),
        "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden,
        "version 0.9": b"GET /v1/status\r\n" + hidden,
        "lower case http": get(line=b"GET /v1/status http/1.1\r\n"),
        "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + hidden,
        "a chunk of 0x1": post(chunked, tail=b"0x" + chunk),
        "a chunk of +1": post(chunked, tail=b"+" + chunk),
        "a chunk of -1": post(chunked, tail=b"-" + chunk),
        "a chunk of 1_0": post(chunked, tail=b"1_0\r\n#\r\n" + chunk),
        "a chunk beyond 64 bits": post(chunked, tail=b"10000000000000001\r\n#\r\n" + chunk),
        "a chunk without a size": post(chunked, tail=b"\r\n#\r\n" + chunk),
        "a chunk with a bare line feed": post(chunked, tail=chunk.replace(b"1\r\n", b"1\n", 1)),
        "a chunk's extension with a bare line feed": post(chunked, tail=b"1;a\nb\r\n#\r\n0\r\n\r\n" + hidden),
        "a chunk that is longer than its size": post(chunked, tail=b"1\r\n##\r\n0\r\n\r\n" + hidden),
        "a chunk that does not end": post(chunked, tail=b"1\r\n#0\r\n\r\n" + hidden),
    }
    wrong = []
    for name, request in table.items():
        found, answer, closed = desk.raw(request)
        refused = not found or 400 <= found[0] < 500
        if not (refused and len(found) <= 1 and closed):
            wrong.append(f"{name}: {found}{'' if closed else ', stays open'}")
    check(not wrong, f"{len(wrong)} of {len(table)} were not refused and closed: {'; '.join(wrong)}")
    # The same length twice is one length, and two requests may come one after the other.
    found, answer, _ = desk.raw(get(b"Connection: close\r\n"), timeout=1)
    check(found[:1] == [200], f"an honest request: {found}")
    return 0


def headers(desk):
    """Values that would end a header, or show up in a log."""
    for value in (
        b"a\rX-Injected: 1", b"a\nX-Injected: 1", b"a\r\n X-Injected: 1", b"a%0d%0aX-Injected: 1", b"a\\r\\nX-Injected: 1",
        b"a\xe5\x98\x8a\xe5\x98\x8dX-Injected: 1", b"a\xc4\x8d\xc4\x8aX-Injected: 1", b"a\x00b", b"\x1b[31mred", b"\xe2\x80\xae",
        b"x" * 65, b"x" * 10_000, b"", b" ", b"<script>alert(1)</script>", b"\"'`${7*7}", b"a b",
    ):
        found, answer, _ = desk.request(b"GET /v1/status HTTP/1.1\r\nX-Request-Id: " + value)
        head = answer.split(b"\r\n\r\n")[0]
        check(found in ([200], [400]), f"request id {value[:40]!r}: {found}")
        check(
            not re.search(rb"(?m)^X-Injected", head) and b"\x1b" not in head and b"\x00" not in head,
            f"request id {value[:40]!r}: {head!r}",
        )
        if found == [200]:
            echoed = re.search(rb"(?im)^x-request-id: ([^\r]*)", head)
            check(
                echoed and 0 < len(echoed[1]) <= 64 and all(0x20 < byte < 0x7F for byte in echoed[1]),
                f"request id {value[:40]!r}: {head!r}",
            )
    answer = desk.expect("a request id", {200}, desk.request("GET /v1/status HTTP/1.1\r\nX-Request-Id: abc-1"))
    check(b"abc-1" in answer.split(b"\r\n\r\n")[0], f"a request id is not echoed: {answer[:300]!r}")
    for line in (
        "Expect: 200-maybe", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13", "Range: bytes=0-1",
        "X-HTTP-Method-Override: DELETE", "X-Forwarded-For: 127.0.0.1", "X-Original-URL: /v1/totals", "Accept-Encoding: gzip",
        "If-None-Match: *", "Connection: close, authorization", "TE: trailers", "Max-Forwards: -1",
    ):
        desk.expect(line, {200, 400, 417}, desk.request(f"GET /v1/status HTTP/1.1\r\n{line}", close=False, timeout=0.3))
    for value in ("x", "-1", "1 2", "18446744073709551616", "1e3", "0x1", "\x7f"):
        head = f"GET /v1/stream?topics=effects HTTP/1.1\r\nLast-Event-ID: {value}"
        desk.expect(f"Last-Event-ID {value!r}", {400}, desk.request(head))
    return 0


def methods(desk):
    """Methods that a path does not have."""
    honest = json.dumps(deposit("method")).encode()
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "POST", "PROPFIND", "get", "X" * 1_000):
        for path in ("/v1/status", "/v1/totals", "/v1/accounts/a-0", "/healthz", "/", "/index.html"):
            result = desk.request(f"{method} {path} HTTP/1.1", honest)
            found, answer, closed = result
            check(
                len(found) == 1 and found[0] in (400, 404, 405, 501)
                or not found and closed,
                f"{method[:20]} {path}: {found} {answer[:300]!r}",
            )
            check(found != [501] or len(method) > 20, f"{method[:20]} {path}: {found}")
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD"):
        found, answer, _ = desk.request(f"{method} /v1/events HTTP/1.1\r\nContent-Type: application/json", honest)
        check(found in ([405], [404], [200]) and (found != [200] or method in ("GET", "HEAD")), f"{method} /v1/events: {found}")
    answer = desk.expect("HEAD", {200}, desk.request("HEAD /v1/status HTTP/1.1"))
    check(answer.endswith(b"\r\n\r\n"), f"HEAD was answered with a body: {answer!r}")
    return 0


def queries(desk):
    """Parameters that are unknown, doubled, or not text."""
    for target in (
        "/v1/status?x=1", "/v1/totals?x", "/v1/status?=1", "/v1/accounts/a-0?venue=demo&venue=demo", "/v1/accounts/a-0?venue=%",
        "/v1/accounts/a-0?venue=%zz", "/v1/accounts/a-0?venue=%ff", "/v1/accounts/a-0?venue=%00", "/v1/accounts/a-0?venue=%0d%0a",
        "/v1/accounts/a-0?Venue=demo", "/v1/accounts/a-0?ven%75e=demo&venue=demo", "/v1/stream?topics=", "/v1/stream?topics=all",
        "/v1/stream?topics=account:", "/v1/stream?topics=book,,x", "/v1/stream?topics=" + ",".join(["book"] * 500) + ",x",
        "/v1/accounts?limit=0", "/v1/accounts?limit=-1", "/v1/accounts?limit=1001", "/v1/accounts?limit=1e2", "/v1/accounts?limit=",
        "/v1/accounts?limit=99999999999999999999", "/v1/accounts?band=purple", "/v1/accounts?sort=;drop", "/v1/accounts?cursor=%00",
        "/v1/accounts?cursor=" + "A" * 5_000, "/v1/accounts/a-0/ladder?symbol=BTCUSDT&steps=1000000", "/v1/accounts/a-0/ladder?symbol=BTCUSDT&from=nan",
        "/v1/accounts/a-0/ladder?symbol=BTCUSDT&from=-1e400&to=1e400", "/v1/accounts/a-0/ladder?symbol=BTCUSDT&from=30&to=-30",
        "/v1/liquidation-map?symbol=BTCUSDT&buckets=100000000", "/v1/liquidation-map?symbol=BTCUSDT&range=-1",
        "/v1/liquidation-map?symbol=BTCUSDT&range=1e999", "/v1/adl?symbol=BTCUSDT&side=up", "/v1/liquidation-map?symbol=%22",
    ):
        answer = desk.expect(f"GET {target[:90]}", {400, 404}, desk.request(f"GET {target} HTTP/1.1"))
        check(b"application/problem+json" in answer, f"GET {target[:90]}: {answer[:300]!r}")
    for route, body in (
        ("check", {}), ("check", {"symbol": "BTCUSDT", "side": "buy", "quantity": "-1"}), ("check", []),
        ("check", {"symbol": "BTCUSDT", "side": "buy", "quantity": "1" * 300}), ("check", {"symbol": "X", "side": "buy", "quantity": "1"}),
        ("check", {"symbol": "BTCUSDT", "side": "buy", "quantity": "1", "leverage": "0"}),
        ("check", {"symbol": "BTCUSDT", "side": "buy", "quantity": "92233720368", "price": "92233720368"}),
        ("whatif", {"shocks": {"BTCUSDT": "-2"}}), ("whatif", {"shocks": {"BTCUSDT": "1e300"}}), ("whatif", {"shocks": []}),
        ("whatif", {"deposit": {"asset": "USDT", "amount": "9" * 40}}), ("whatif", {"x": 1}), ("whatif", {"shocks": {"X": "0.1"}}),
    ):
        head = f"POST /v1/accounts/a-0/{route} HTTP/1.1\r\nContent-Type: application/json"
        desk.expect(f"{route} {body}"[:120], {400, 404, 422, 200}, desk.request(head, harness.encoded(body)))
    return 0


# Credentials


def created(node, role, account=None):
    return node.make_key(role, account)


def credentials(desk):
    """Keys that are missing, wrong, revoked, or for something else; keys of one account elsewhere."""
    node = desk.node
    key = node.key
    _, key_id, secret = key.split("_")
    body = json.dumps(deposit("stolen")).encode()
    refused = {401, 429}
    other = "0" * 16
    lines = [
        "", "Authorization:", "Authorization: Bearer", "Authorization: Bearer ", f"Authorization: Bearer {key}x",
        f"Authorization: Bearer {key[:-1]}", f"Authorization: Bearer {key.upper()}", f"Authorization: Basic {key}",
        f"Authorization: bearer{key}", f"Authorization: {key}", f"Authorization: Bearer pk_{other}_{secret}",
        f"Authorization: Bearer pk_{key_id}_{'0' * 64}", f"Authorization: Bearer pk_{key_id}_", f"Authorization: Bearer pk__{secret}",
        f"Authorization: Bearer pk_{key_id}_{secret}_", f"Authorization: Bearer {key} {key}", f"Authorization: Bearer {secret}",
        f"Authorization: Bearer {key_id}", "Authorization: Bearer null", "Authorization: Bearer undefined", "Authorization: Bearer *",
        f"Authorization: Bearer {'A' * 10_000}", f"X-Api-Key: {key}", f"Cookie: key={key}", f"Proxy-Authorization: Bearer {key}",
    ]
    for line in lines:
        head = f"\r\n{line}" if line else ""
        for result in (
            desk.request(f"GET /v1/status HTTP/1.1{head}", bearer=False),
            desk.post(body, head=head, bearer=False),
        ):
            answer = desk.expect(f"'{line[:60]}'", refused, result)
            check(secret.encode() not in answer, f"'{line[:60]}': the answer has the secret")
    desk.expect("a key in the query", refused | {400}, desk.request(f"GET /v1/status?key={key} HTTP/1.1", bearer=False))
    for path in ("/v1/book", "/v1/totals", "/v1/accounts", "/v1/accounts/a-0", "/v1/stream?topics=book", "/v1/rulebooks"):
        desk.expect(f"{path} without a key", refused, desk.request(f"GET {path} HTTP/1.1", bearer=False))
    # So many strangers of this address do not keep those out who have a key.
    desk.expect("a good key beside them", {200}, desk.request("GET /v1/status HTTP/1.1"))
    reader, feed, risk = (created(node, role) for role in ("read", "feed", "risk"))
    own = created(node, "read", "a-0")
    time.sleep(0.3)
    acted = {
        "type": "operatorActed", "time": harness.START, "id": "act", "action": "freeze", "account": "a-0", "who": "x", "why": "y",
    }
    for name, role_key, document in (
        ("read", reader, deposit("role")), ("risk", risk, deposit("role")), ("feed", feed, acted), ("a-0", own, deposit("role")),
    ):
        head = f"\r\nAuthorization: Bearer {role_key}"
        result = desk.post(harness.encoded(document), head=head, bearer=False)
        desk.expect(f"{document['type']} with a key '{name}'", {403}, result)
    head = f"\r\nAuthorization: Bearer {own}"
    for path in (
        "/v1/accounts/a-1", "/v1/accounts/a-1/positions", "/v1/accounts/a-1/balances", "/v1/accounts/nobody", "/v1/accounts/A-0",
        "/v1/accounts/a-1/ladder?symbol=BTCUSDT", "/v1/accounts/a-1/explain", "/v1/book", "/v1/totals", "/v1/accounts", "/v1/status",
        "/v1/stream?topics=book", "/v1/stream?topics=effects", "/v1/stream?topics=account:a-1", "/v1/stream?topics=account:a-0,book",
        "/v1/stream", "/v1/adl?symbol=BTCUSDT&side=long", "/v1/liquidation-map?symbol=BTCUSDT", "/v1/accounts/outside",
    ):
        desk.expect(f"{path} with a key of a-0", {403, 404}, desk.request(f"GET {path} HTTP/1.1{head}", bearer=False))
    for route in ("check", "whatif"):
        result = desk.request(
            f"POST /v1/accounts/a-1/{route} HTTP/1.1\r\nContent-Type: application/json{head}", b"{}", bearer=False
        )
        desk.expect(f"{route} of a-1 with a key of a-0", {403}, result)
    desk.expect("a-0 with its key", {200}, desk.request(f"GET /v1/accounts/a-0 HTTP/1.1{head}", bearer=False))
    both = desk.request(
        f"GET /v1/accounts/a-1 HTTP/1.1{head}\r\nAuthorization: Bearer {reader}", bearer=False
    )
    check(both[0] in ([400], [401], [403], [429]), f"two keys at once: {both[0]}")
    revoked = subprocess.run(
        [BINARY, "keys", "revoke", "--data", node.data, reader.split("_")[1]], capture_output=True, timeout=60
    )
    check(revoked.returncode == 0, f"a key cannot be revoked: {revoked.stderr}")
    time.sleep(1)
    head = f"\r\nAuthorization: Bearer {reader}"
    desk.expect("a revoked key", refused, desk.request(f"GET /v1/status HTTP/1.1{head}", bearer=False))
    for name in ("keys.json", "master.key"):
        mode = os.stat(f"{node.data}/{name}").st_mode & 0o777
        check(mode == 0o600, f"{name} has mode {mode:o}")
        with open(f"{node.data}/{name}", "rb") as file:
            check(secret.encode() not in file.read(), f"{name} has a secret")
    return 0


def signed(key, method, target, body=b"", at=None, nonce=None, **changes):
    """The headers of a signed request, of which some may be changed after it was signed."""
    _, key_id, secret = key.split("_")
    at = str(int(time.time() * 1_000) if at is None else at)
    nonce = os.urandom(8).hex() if nonce is None else nonce
    message = "\n".join((method, target, key_id, at, nonce, hashlib.sha256(body).hexdigest()))
    signature = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    values = {"Key": key_id, "Time": at, "Nonce": nonce, "Signature": signature, **changes}
    return "".join(f"\r\nPlimsoll-{name}: {value}" for name, value in values.items() if value is not None)


def signatures(desk):
    """Signed requests that are sent again, changed, or late."""
    node = desk.node
    key = created(node, "operator")
    _, key_id, secret = key.split("_")
    time.sleep(0.3)
    refused = {401, 429}
    target = "/v1/accounts?limit=5&sort=equity"
    get = lambda head, path=target, method="GET": desk.request(f"{method} {path} HTTP/1.1{head}", bearer=False)
    good = signed(key, "GET", target)
    desk.expect("a signed request", {200}, get(good))
    replays = desk.test.count(50, 10_000)
    for _ in range(replays):
        desk.expect("a signed request again", refused, get(good))
    body = harness.encoded(deposit("signed"))
    event = signed(key, "POST", "/v1/events", body)
    desk.expect("a signed event", {200}, desk.post(body, head=event, bearer=False))
    desk.expect("a signed event again", refused, desk.post(body, head=event, bearer=False))
    other = body.replace(b'"amount":"1"', b'"amount":"9"')
    now = int(time.time() * 1_000)
    fresh = lambda **changes: signed(key, "GET", target, **changes)
    cases = {
        "another path": get(fresh(), "/v1/accounts?limit=5"),
        "another order": get(fresh(), "/v1/accounts?sort=equity&limit=5"),
        "another case": get(fresh(), target.replace("accounts", "Accounts")) ,
        "the path in another form": get(fresh(), target.replace("limit", "%6cimit")),
        "another method": get(fresh(), method="HEAD"),
        "a time before": get(fresh(at=now - 6_000)),
        "a time after": get(fresh(at=now + 6_000)),
        "time zero": get(fresh(at=0)),
        "a time that is no number": get(fresh(at="now")),
        "a time beyond 64 bits": get(fresh(at=1 << 64)),
        "the least time": get(fresh(at=-(1 << 63))),
        "another time": get(fresh(Time=str(now + 1))),
        "another nonce": get(fresh(Nonce="0123456789abcdef")),
        "a short nonce": get(fresh(nonce="a")),
        "a long nonce": get(fresh(nonce="a" * 65)),
        "no nonce": get(fresh(Nonce=None)),
        "no time": get(fresh(Time=None)),
        "no key": get(fresh(Key=None)),
        "no signature": get(fresh(Signature=None)),
        "another key": get(fresh(Key=node.key.split("_")[1])),
        "an unknown key": get(fresh(Key="0" * 16)),
        "a short signature": get(fresh(Signature="ab")),
        "an empty signature": get(fresh(Signature="")),
        "a signature of zeros": get(fresh(Signature="0" * 64)),
        "a signature with a word": get(fresh(Signature="x" * 64)),
        "the secret as signature": get(fresh(Signature=secret)),
        "another body": desk.post(other, head=signed(key, "POST", "/v1/events", body), bearer=False),
        "no body": desk.post(b"", head=signed(key, "POST", "/v1/events", body) + "\r\nContent-Length: 0", bearer=False),
    }
    for name, result in cases.items():
        if name == "another case" and result[0] == [404]:
            continue
        desk.expect(f"signed, with {name}", refused, result)
    unused = signed(key, "GET", target)
    node.stop()
    node.start()
    desk.expect("signed before a restart", refused, get(unused))
    desk.expect("a signed request again after a restart", refused, get(good))
    desk.expect("a signed request after a restart", {200}, get(signed(key, "GET", target)))
    return 1


if __name__ == "__main__":
    harness.run(main)
