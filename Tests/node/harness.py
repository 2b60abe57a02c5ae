"""What the tests of the real program share: a node as a process, a client, a small venue, and how results are told.

Each script of this folder runs alone: `python3 Tests/node/kill.py [--soak] [--seed N]`. It says what it did and
exits with 1 where something does not hold. `PLIMSOLL_BIN` names another binary than `.build/debug/plimsoll`.
"""

import argparse
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

from journal import Journal

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PLIMSOLL_BIN", str(ROOT / ".build" / "debug" / "plimsoll"))
JOURNAL_FAILED = 74


class Failed(Exception):
    """Something does not hold."""


def check(holds, what):
    if not holds:
        raise Failed(what)


# What runs


class Test:
    """One run of a script: its options, its seed, its folder, and what it has to tell."""

    def __init__(self, name, description):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--soak", action="store_true", help="full counts")
        parser.add_argument("--seed", type=int, help="repeats a run")
        options = parser.parse_args()
        given = options.seed if options.seed is not None else os.environ.get("PLIMSOLL_SEED")
        self.name = name
        self.soak = options.soak
        self.seed = int(given) if given is not None else random.randrange(1 << 31)
        self.random = random.Random(self.seed)
        self.folder = Path(tempfile.mkdtemp(prefix=f"plimsoll-{name}-"))
        self.nodes = []
        self.started = time.monotonic()

    def count(self, plain, soak):
        return soak if self.soak else plain

    def say(self, *words):
        print(f"{self.name}:", *words, flush=True)

    def node(self, folder, **options):
        node = Node(folder, **options)
        self.nodes.append(node)
        return node

    def path(self, name):
        return str(self.folder / name)


def run(main):
    """Runs the `main(test)` of a script and exits."""
    script = Path(sys.argv[0]).stem
    test = Test(script, main.__doc__)
    if not os.access(BINARY, os.X_OK):
        sys.exit(f"{script}: there is no {BINARY}. Do: swift build --product plimsoll")
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    test.say(f"seed {test.seed}, {'soak' if test.soak else 'plain'}, {BINARY}, load {load}")
    failed = True
    try:
        main(test)
        failed = False
    except Failed as failure:
        test.say(f"FAILED: {failure}")
    except Exception:
        test.say("FAILED:")
        traceback.print_exc()
    finally:
        for node in test.nodes:
            node.kill()
    took = time.monotonic() - test.started
    if failed:
        for node in test.nodes[-3:]:
            test.say(f"standard error of {node.data}:", node.errors()[-2_000:] or "nothing")
        test.say(f"its files are in {test.folder}; --seed {test.seed} repeats it")
        sys.exit(1)
    shutil.rmtree(test.folder, ignore_errors=True)
    test.say(f"passed in {took:.1f} s")
    sys.exit(0)


def percentile(values, share):
    """The value that `share` of the values are at or below; zero where there is none."""
    ordered = sorted(values)
    if not ordered:
        return 0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


# A node


class NotStarted(Exception):
    """The process ended, or said nothing, before clients could come."""

    def __init__(self, code, errors):
        super().__init__(f"exit code {code}: {errors.strip()}")
        self.code = code
        self.errors = errors


class Node:
    """`plimsoll serve` on a folder."""

    def __init__(
        self, data, durability="sync", clock="events", prefix=(), environment=None, options=(), port=0
    ):
        self.data = str(data)
        self.wanted_port = port
        self.durability = durability
        self.clock = clock
        self.prefix = list(prefix)
        self.environment = environment
        self.options = list(options)
        self.process = None
        self.port = 0
        self.start_time = 0.0
        self.log = None

    def make_key(self, role="operator", account=None):
        """A new key of the folder."""
        command = [BINARY, "keys", "create", "--data", self.data, "--role", role, "--json"]
        if account:
            command += ["--account", account]
        made = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if made.returncode != 0:
            raise Failed(f"no key could be made: {made.stderr}")
        return json.loads(made.stdout)["key"]

    @property
    def key(self):
        """The operator's key, which is made where there is none; kept beside the folder."""
        path = self.data.rstrip("/") + ".key"
        if not os.path.exists(path):
            with open(path, "w") as file:
                file.write(self.make_key())
        with open(path) as file:
            return file.read()

    def launch(self):
        """Starts the process and does not wait for it."""
        _ = self.key
        self.log = open(self.data.rstrip("/") + ".log", "ab")
        self.log_start = self.log.tell()
        self.launched = time.monotonic()
        self.process = subprocess.Popen(
            self.prefix
            + [BINARY, "serve", "--data", self.data, "--port", str(self.wanted_port), "--json"]
            + ["--durability", self.durability, "--clock", self.clock]
            + self.options,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={**os.environ, **(self.environment or {})},
        )
        return self

    def start(self, timeout=120):
        """Starts the process and waits until clients may come."""
        self.launch()
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            if not ready:
                self.kill()
            refusal = NotStarted(self.wait(10), self.errors())
            # Closes what is open to it too: a soak starts thousands.
            self.kill()
            raise refusal
        self.start_time = time.monotonic() - self.launched
        self.port = json.loads(line)["port"]
        return self

    @property
    def server_pid(self):
        """The program's process, which is a child where something runs it, as strace does."""
        if not self.prefix:
            return self.process.pid
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        children = Path(path).read_text().split()
        return int(children[0]) if children else self.process.pid

    def errors(self):
        """What this start has written to standard error."""
        if not self.log:
            return ""
        with open(self.log.name, "rb") as file:
            file.seek(self.log_start)
            return file.read().decode("utf-8", "replace")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self, timeout):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        """SIGKILL, and the end of the process."""
        if self.is_running():
            if self.prefix:
                try:
                    os.kill(self.server_pid, signal.SIGKILL)
                except (OSError, ProcessLookupError):
                    pass
                self.wait(2)
            self.process.kill()
        if self.process is not None:
            self.process.wait()
            self.process.stdout.close()
            self.log.close()

    def stop(self, timeout=60):
        """SIGTERM; the exit code (`None`: it did not end) and how long it took."""
        begin = time.monotonic()
        os.kill(self.server_pid, signal.SIGTERM)
        code = self.wait(timeout)
        return code, time.monotonic() - begin

    def client(self, **options):
        return Client(self.port, self.key, **options)

    def status(self):
        with self.client() as client:
            return client.get("/v1/status")

    def memory(self):
        """Resident bytes of the process."""
        for line in Path(f"/proc/{self.server_pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def open_files(self):
        return len(os.listdir(f"/proc/{self.server_pid}/fd"))


# A client


class Gone(Exception):
    """The connection ended; what became of the request is not known."""


class Answer:
    """One answer over HTTP."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """One connection that is kept."""

    def __init__(self, port, key=None, timeout=60):
        self.port = port
        self.key = key
        self.timeout = timeout
        self.socket = None
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None
            self.rest = b""

    def connect(self):
        self.close()
        self.socket = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, method, path, body=b"", media_type=None, headers=()):
        """Sends a request and reads its answer.

        Raises `Gone` where the connection ends before the answer is whole.
        """
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if self.key:
            lines.append(f"Authorization: Bearer {self.key}")
        if media_type:
            lines.append(f"Content-Type: {media_type}")
        if body or method in ("POST", "PUT"):
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in headers]
        try:
            if not self.socket:
                self.connect()
            self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            return self.answer(method == "HEAD")
        except (OSError, ValueError) as error:
            self.close()
            raise Gone(str(error)) from error

    def answer(self, is_head=False):
        """Reads one answer."""
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        if is_head or status in (204, 304):
            return Answer(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                while b"\r\n" not in self.rest:
                    self._more()
                line, self.rest = self.rest.split(b"\r\n", 1)
                size = int(line, 16)
                body += self._take(size)
                self._take(2)
                if size == 0:
                    return Answer(status, headers, body)
        return Answer(status, headers, self._take(int(headers["content-length"])))

    def _more(self):
        part = self.socket.recv(1 << 16)
        if not part:
            raise OSError("the connection was closed")
        self.rest += part

    def _take(self, count):
        while len(self.rest) < count:
            self._more()
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def get(self, path):
        """The document at a path; anything but 200 fails."""
        answer = self.request("GET", path)
        check(answer.status == 200, f"GET {path} answered {answer}")
        return answer.json()

    def post_event(self, event):
        return self.request("POST", "/v1/events", encoded(event), "application/json")

    def post_lines(self, events):
        body = b"".join(encoded(event) + b"\n" for event in events)
        return self.request("POST", "/v1/events", body, "application/x-ndjson")


def encoded(event):
    return json.dumps(event, separators=(",", ":")).encode()


# A venue


START = 1_760_000_000_000
SYMBOLS = ("BTCUSDT", "ETHUSDT")
PRICES = {"BTCUSDT": 60_000, "ETHUSDT": 3_000}


class Clock:
    """The times of events, which rise across all feeds."""

    def __init__(self):
        self.lock = threading.Lock()
        self.now = START

    def next(self):
        with self.lock:
            self.now += 1
            return self.now


def setup(clock, accounts=20, deposit="100000000"):
    """The events that define a venue whose accounts can afford every fill of a feed."""
    bodies = [
        {"type": "venueDefined", "name": "demo", "mode": "venue"},
        {"type": "assetDefined", "asset": "USDT"},
        {"type": "rulebookAdopted", "rulebook": "binance-usdm"},
    ]
    bodies += [{"type": "instrumentDefined", "symbol": symbol} for symbol in SYMBOLS]
    bodies += [
        {"type": "marked", "symbol": symbol, "price": str(PRICES[symbol])} for symbol in SYMBOLS
    ]
    for number in range(accounts):
        bodies.append({"type": "accountOpened", "account": f"a-{number}"})
        bodies.append(
            {"type": "deposited", "account": f"a-{number}", "asset": "USDT", "amount": deposit}
        )
    return [
        {"time": clock.next(), "id": f"setup-{number}", **body} for number, body in enumerate(bodies)
    ]


class Feed:
    """A source of events that are all accepted: fills and marks with feed sequences, deposits with ids."""

    def __init__(self, name, seed, clock, accounts=20):
        self.name = name
        self.random = random.Random(seed)
        self.clock = clock
        self.accounts = accounts
        self.sequence = 0
        self.commands = 0

    def event(self):
        chance = self.random.random()
        symbol = self.random.choice(SYMBOLS)
        price = PRICES[symbol] + self.random.randrange(-9, 10)
        if chance < 0.15:
            return self.command()
        self.sequence += 1
        event = {
            "time": self.clock.next(),
            "source": self.name,
            "sequence": self.sequence,
            "symbol": symbol,
            "price": str(price),
        }
        if chance < 0.35:
            return {"type": "marked", **event}
        buyer, seller = self.random.sample(range(self.accounts), 2)
        quantity = self.random.randrange(1, 50)
        return {
            "type": "filled",
            **event,
            "quantity": f"0.{quantity:03}",
            "buyer": f"a-{buyer}",
            "seller": f"a-{seller}",
            "buyerFee": f"0.{quantity:03}",
        }

    def command(self):
        """A deposit with an id of its own."""
        self.commands += 1
        return {
            "type": "deposited",
            "time": self.clock.next(),
            "id": f"{self.name}-{self.commands}",
            "account": f"a-{self.random.randrange(self.accounts)}",
            "asset": "USDT",
            "amount": f"{self.random.randrange(1, 1_000)}.{self.random.randrange(100):02}",
        }

    def events(self, count):
        return [self.event() for _ in range(count)]


def identity(event):
    """What makes an event the same event when it is sent again."""
    if "id" in event:
        return event["id"]
    return (event["source"], event["sequence"])


class Sender(threading.Thread):
    """A client that posts events of a feed one batch after the other, until the connection ends.

    `acknowledged` is the oracle: what a 200 has covered. What a lost connection leaves open stays in
    `unknown`, and is sent again first of all the next time.
    """

    def __init__(self, feed, pause=0.0, largest=60):
        super().__init__(daemon=True)
        self.feed = feed
        self.pause = pause
        self.largest = largest
        self.acknowledged = []
        self.unknown = []
        self.problem = None
        self.latencies = []
        self.is_stopping = False

    def again(self):
        """The same client for the next start of the node."""
        next_one = Sender(self.feed, self.pause, self.largest)
        next_one.acknowledged = self.acknowledged
        next_one.unknown = self.unknown
        next_one.latencies = self.latencies
        return next_one

    def begin(self, node):
        self.node = node
        self.start()
        return self

    def run(self):
        try:
            with self.node.client() as client:
                while not self.is_stopping:
                    self._send(client)
                    if self.pause:
                        time.sleep(self.pause)
        except Gone:
            pass
        except Failed as failure:
            self.problem = str(failure)

    def _send(self, client):
        feed_random = self.feed.random
        if not self.unknown:
            single = feed_random.random() < 0.3
            self.unknown = self.feed.events(1 if single else feed_random.randrange(2, self.largest))
        events = self.unknown
        begin = time.monotonic()
        is_single = len(events) == 1
        answer = client.post_event(events[0]) if is_single else client.post_lines(events)
        if answer.status == 503:
            # It is about to end, or has stopped: nothing is known of these events.
            raise Gone("503")
        check(answer.status == 200, f"an event was not accepted: {answer}")
        tally = answer.json()
        if not is_single:
            check(
                tally["refused"] == 0 and tally["accepted"] + tally["repeated"] == len(events),
                f"of {len(events)} lines: {tally}",
            )
        self.latencies.append(time.monotonic() - begin)
        self.acknowledged.extend(events)
        self.unknown = []


def resubmit(node, events):
    """Sends acknowledged events again: each must answer `repeated`."""
    with node.client() as client:
        for start in range(0, len(events), 1_000):
            part = events[start : start + 1_000]
            answer = client.post_lines(part)
            check(answer.status == 200, f"events sent again: {answer}")
            tally = answer.json()
            check(
                tally["repeated"] == len(part),
                f"{len(part)} acknowledged events were sent again: {tally}",
            )


def audit(folder, acknowledged, sent):
    """The files themselves: each acknowledged event once, nothing twice, nothing that nobody sent."""
    journal = Journal(folder)
    counts = Counter(journal.identities)
    twice = [name for name, count in counts.items() if count > 1]
    check(not twice, f"{len(twice)} events are in the journal more than once, as {twice[:3]}")
    missing = [name for name in map(identity, acknowledged) if name not in counts]
    check(not missing, f"{len(missing)} acknowledged events are not there, as {missing[:3]}")
    foreign = [name for name in counts if name not in sent]
    check(not foreign, f"{len(foreign)} events are there that nobody sent, as {foreign[:3]}")
    return journal


def settled(node):
    """The status, with the digest, when the replica has seen everything."""
    with node.client() as client:
        for _ in range(1_200):
            status = client.get("/v1/status")
            if status["replica"]["lag"] == 0:
                return client.get("/v1/status?digest=true")
            time.sleep(0.05)
    raise Failed(f"the replica does not come after: {status['replica']}")


def documents(node, accounts=20):
    """What a node says of its state: equal for equal histories."""
    status = settled(node)
    client = node.client()
    state = {"seq": status["seq"], "asOf": status["asOf"], "digest": status["digest"]}
    state["totals"] = client.get("/v1/totals")
    for number in range(accounts):
        state[f"a-{number}"] = client.get(f"/v1/accounts/a-{number}")
    client.close()
    return state


def same_state(one, two):
    """Fails where two states differ, and says where."""
    for name in one:
        check(one[name] == two[name], f"{name} differs: {one[name]} and {two[name]}")
