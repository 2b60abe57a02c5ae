"""Many clients of the stream, some of which never read: the writer does not wait, and nobody misses anything."""

import json
import re
import resource
import selectors
import socket
import threading
import time

import harness
from harness import Clock, Feed, check
from journal import Journal

FOLLOWERS = 20


def main(test):
    """Clients that read, clients that do not, clients that come back; the writer's figures with and without them."""
    clients, slow, seconds = test.count((100, 10, 4), (1_000, 100, 30))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 4 * clients + 256
    check(hard == resource.RLIM_INFINITY or hard >= wanted, f"{hard} open files are too few: ulimit -n {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    node = test.node(test.path("node")).start()
    clock = Clock()
    setup = harness.setup(clock)
    with node.client() as client:
        tally = client.post_lines(setup).json()
    check(tally["accepted"] == len(setup), f"the venue was not set up: {tally}")
    alone = Writer(node, Feed("alone", test.seed, clock)).go(seconds)
    crowd = Crowd(node)
    crowd.add(clients - slow - FOLLOWERS, "book,liquidations")
    crowd.add(FOLLOWERS, "effects", keeps=True)
    # Effects are what there is most of: whoever does not read them is soon behind.
    crowd.add(slow, "effects,book,liquidations", reads=False)
    crowd.start()
    wait_for(lambda: node.status()["streams"] == clients, f"{clients} streams", 60)
    began = node.status()["seq"]
    together = Writer(node, Feed("together", test.seed + 1, clock)).go(seconds)
    test.say(f"alone:         {alone}")
    test.say(f"with {clients:4} streams: {together}")
    compare(test, alone, together)
    with node.client() as client:
        # A deposit always has effects: whoever has those of the last one has all.
        end = client.post_event(Feed("end", test.seed, clock).command()).json()["seq"]
    wait_for(lambda: all(one.last_id() >= end for one in crowd.kept), f"effect {end} at all followers", 30)
    check(crowd.problem is None, crowd.problem)
    closed = [one for one in crowd.streams if one.reads and one.closed]
    check(not closed, f"{len(closed)} clients that read were closed")
    complete(test, node, crowd, began, end)
    slow_end(test, node, crowd, slow, clock)
    crowd.finish()
    come_back(test, node, clock)
    gap(test, node, clock)


class Writer:
    """Posts batches of ten as fast as they are acknowledged, on two connections."""

    def __init__(self, node, feed):
        self.node = node
        self.feed = feed
        self.latencies = []
        self.problem = None
        self.count = 0
        self.inside = None
        self.lock = threading.Lock()

    def go(self, seconds):
        before = event_to_effect(self.node)
        end = time.monotonic() + seconds
        begin = time.monotonic()
        threads = [threading.Thread(target=self._run, args=(number, end)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check(self.problem is None, self.problem)
        self.rate = self.count / (time.monotonic() - begin)
        after = event_to_effect(self.node)
        self.inside = (after[0] - before[0]) / (after[1] - before[1])
        return self

    def _run(self, number, end):
        feed = Feed(f"{self.feed.name}-{number}", self.feed.random.randrange(1 << 30), self.feed.clock)
        try:
            with self.node.client() as client:
                while time.monotonic() < end:
                    events = feed.events(10)
                    begin = time.monotonic()
                    answer = client.post_lines(events)
                    took = time.monotonic() - begin
                    check(answer.status == 200 and answer.json()["accepted"] == 10, f"a batch: {answer}")
                    with self.lock:
                        self.latencies.append(took)
                        self.count += 10
        except (harness.Failed, harness.Gone) as problem:
            self.problem = str(problem)

    def share(self, part):
        return harness.percentile(self.latencies, part)

    def __str__(self):
        return (
            f"{self.rate:.0f} events a second, acknowledged after {harness.milliseconds(self.share(0.5))} (p50), "
            f"{harness.milliseconds(self.share(0.99))} (p99), of {len(self.latencies)} batches; in the node "
            f"{harness.milliseconds(self.inside)} from event to effect (mean)"
        )


def event_to_effect(node):
    """The node's own time from a group of events to its effects, summed, and how many groups there were.

    Writers and streams are threads of this one process, which the node does not wait for; this is without them."""
    with node.client() as client:
        text = client.request("GET", "/metrics").body.decode()
    name = "plimsoll_event_to_effect_seconds_"
    return [float(re.search(rf"^{name}{end} (.+)$", text, re.M)[1]) for end in ("sum", "count")]


def compare(test, alone, together):
    """The clients share two cores with the node, so that the bars are wide; in plain runs there are none."""
    if test.soak:
        check(together.rate >= alone.rate / 3, "the clients slow the writer to less than a third")
        check(
            together.share(0.99) < max(3 * alone.share(0.99), 0.1),
            "with the clients an acknowledgement takes three times as long",
        )
        check(
            together.inside < 3 * alone.inside,
            "with the clients the node takes three times as long from event to effect",
        )


def wait_for(condition, what, seconds):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"{what} did not come within {seconds} s")
        time.sleep(0.05)


# Clients


class Stream:
    """One client of the stream."""

    def __init__(self, node, topics, reads=True, keeps=False, after=None):
        self.reads = reads
        self.keeps = keeps
        self.bytes = 0
        self.closed = False
        self.rest = b""
        self.messages = []
        self.socket = socket.socket()
        if not reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self.socket.connect(("127.0.0.1", node.port))
        head = f"GET /v1/stream?topics={topics} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.key}\r\n"
        if after is not None:
            head += f"Last-Event-ID: {after}\r\n"
        self.socket.sendall(head.encode() + b"\r\n")
        self.has_head = False
        self.chunked = b""

    def read(self):
        """Takes what has come; `False`: it was closed."""
        try:
            part = self.socket.recv(1 << 18)
        except OSError:
            part = b""
        if not part:
            self.closed = True
            return False
        self.bytes += len(part)
        if self.keeps:
            self._take(part)
        return True

    def _take(self, part):
        self.chunked += part
        if not self.has_head:
            if b"\r\n\r\n" not in self.chunked:
                return
            head, self.chunked = self.chunked.split(b"\r\n\r\n", 1)
            check(b" 200 " in head.split(b"\r\n")[0], f"a stream was answered with {head!r}")
            self.has_head = True
        place = 0
        while True:
            end = self.chunked.find(b"\r\n", place)
            if end < 0:
                break
            size = int(self.chunked[place:end], 16)
            if len(self.chunked) < end + 2 + size + 2:
                break
            self.rest += self.chunked[end + 2 : end + 2 + size]
            place = end + 2 + size + 2
        self.chunked = self.chunked[place:]
        *messages, self.rest = self.rest.split(b"\n\n")
        for message in messages:
            fields = dict(
                line.split(b": ", 1) for line in message.split(b"\n") if line and not line.startswith(b":")
            )
            if b"event" in fields:
                number = int(fields[b"id"]) if b"id" in fields else None
                self.messages.append((fields[b"event"].decode(), number, fields.get(b"data", b"")))

    def last_id(self):
        return next((number for name, number, _ in reversed(self.messages) if name == "effects"), 0)

    def effects(self):
        return [number for name, number, _ in self.messages if name == "effects"]

    def until(self, condition, what, seconds=20):
        """Reads until something has come."""
        end = time.monotonic() + seconds
        self.socket.settimeout(0.2)
        while not condition():
            check(time.monotonic() < end, f"{what} did not come: {self.messages[-3:]}")
            try:
                part = self.socket.recv(1 << 18)
            except socket.timeout:
                continue
            if not part:
                self.closed = True
                check(condition(), f"{what}: the stream was closed: {self.messages[-3:]}")
                return self
            self._take(part)
        return self

    def close(self):
        self.socket.close()


class Crowd(threading.Thread):
    """Clients that are read on one thread, as fast as they send."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node = node
        self.streams = []
        self.is_stopping = False
        self.problem = None

    def add(self, count, topics, **options):
        self.streams += [Stream(self.node, topics, **options) for _ in range(count)]

    @property
    def kept(self):
        return [one for one in self.streams if one.keeps]

    @property
    def reading(self):
        """How many of those that read have not been closed."""
        return sum(one.reads and not one.closed for one in self.streams)

    @property
    def slow(self):
        return [one for one in self.streams if not one.reads]

    def run(self):
        selector = selectors.DefaultSelector()
        for one in self.streams:
            if one.reads:
                selector.register(one.socket, selectors.EVENT_READ, one)
        try:
            while not self.is_stopping:
                for entry, _ in selector.select(0.1):
                    if not entry.data.read():
                        selector.unregister(entry.data.socket)
        except harness.Failed as failure:
            self.problem = str(failure)
        selector.close()

    def finish(self):
        self.is_stopping = True
        self.join(30)
        check(self.problem is None, self.problem)
        for one in self.streams:
            one.close()


def slow_end(test, node, crowd, slow, clock):
    """Those who never read are let go, while the writer goes on."""
    feed = Feed("pressure", test.seed + 2, clock)
    begin = time.monotonic()
    limit = 60
    with node.client() as client:
        # Followers that cannot keep up with this load may be let go too.
        while node.status()["streams"] > crowd.reading and time.monotonic() - begin < limit:
            for _ in range(20):
                check(client.post_lines(feed.events(200)).status == 200, "a batch was not taken")
    took = time.monotonic() - begin
    left = sum(not is_gone(one) for one in crowd.slow)
    check(
        left == 0,
        f"{left} of {slow} clients that never read still have a stream after {took:.0f} s and {feed.sequence} events",
    )
    test.say(f"{slow} clients that never read were let go within {took:.1f} s of load")


def is_gone(stream):
    """Reads what was on its way: the server has said that it closes, or has closed."""
    stream.socket.settimeout(3)
    received = b""
    try:
        while part := stream.socket.recv(1 << 18):
            received = (received + part)[-100:]
    except socket.timeout:
        return b"event: closing" in received
    except OSError:
        pass
    return True


def complete(test, node, crowd, began, end):
    """Each follower has the effects of every event between its snapshot and the end, in order, once."""
    kept = crowd.kept
    expected = None
    for one in kept:
        check(one.messages[0][0] == "snapshot", f"a stream begins with {one.messages[0]}")
        numbers = [number for number in one.effects() if began < number <= end]
        check(numbers == sorted(set(numbers)), "a follower got effects twice, or out of order")
        if expected is None:
            expected = numbers
        check(numbers == expected, f"one follower has {len(expected)} effects, another one {len(numbers)}")
        bad = [name for name, _, _ in one.messages if name in ("gap", "closing")]
        check(not bad, f"a follower was told {bad}")
    # Every fill and deposit changes a balance.
    identities = Journal(node.data).identities
    check(len(identities) == end, f"the journal has {len(identities)} events, the status said {end}")
    got = set(expected)
    missing = [
        number + 1
        for number, name in enumerate(identities)
        if number >= began and isinstance(name, str) and number + 1 not in got
    ]
    check(not missing, f"{len(missing)} deposits are in no stream, as event {missing[:3]}")
    for name, number, data in kept[0].messages:
        if name == "effects":
            document = json.loads(data)
            check(document["seq"] == number and document["effects"], f"effects {number}: {data[:300]!r}")
    test.say(f"{len(kept)} followers have the same {len(expected)} effects, complete and in order")


def come_back(test, node, clock):
    """A client that leaves and says where it was gets the rest, and nothing twice."""
    feed = Feed("back", test.seed + 3, clock)
    rounds = test.count(5, 40)
    whole = Stream(node, "effects", keeps=True)
    whole.until(lambda: whole.messages, "a snapshot")
    start = next(number for name, number, _ in whole.messages if name == "snapshot")
    pieces = []
    after = start
    with node.client() as client:
        for _ in range(rounds):
            check(client.post_lines(feed.events(40)).status == 200, "a batch was not taken")
            piece = Stream(node, "effects", keeps=True, after=after)
            check(client.post_lines(feed.events(40)).status == 200, "a batch was not taken")
            if test.random.random() < 0.7:
                target = node.status()["seq"] - test.random.randrange(40)
                piece.until(lambda: piece.last_id() >= target - 20, f"effect {target - 20}")
            pieces += piece.effects()
            after = max([after, *piece.effects()])
            piece.close()
        end = client.post_event(feed.command()).json()["seq"]
    piece = Stream(node, "effects", keeps=True, after=after)
    piece.until(lambda: piece.last_id() >= end, f"effect {end}")
    pieces += piece.effects()
    piece.close()
    whole.until(lambda: whole.last_id() >= end, f"effect {end}")
    whole.close()
    expected = [number for number in whole.effects() if number > start]
    check(pieces == expected, f"in pieces {len(pieces)} effects came, in one {len(expected)}")
    test.say(f"a client that came back {rounds} times has all {len(expected)} effects once")


def gap(test, node, clock):
    """What is no longer kept is said to be missing, and a snapshot follows."""
    feed = Feed("gap", test.seed + 4, clock)
    with node.client() as client:
        before = client.post_event(feed.command()).json()["seq"]
        check(client.post_lines(feed.events(50)).status == 200, "a batch was not taken")
    code, _ = node.stop()
    check(code == 0, f"SIGTERM: exit code {code}: {node.errors()}")
    node.start()
    status = node.status()
    stream = Stream(node, "effects,book", keeps=True, after=before)
    stream.until(lambda: any(name == "snapshot" for name, _, _ in stream.messages), "a snapshot")
    names = [name for name, _, _ in stream.messages]
    check(names[:2] == ["gap", "snapshot"], f"after a restart a client that comes back gets {names}")
    missing = json.loads(stream.messages[0][2])
    check(
        missing == {"from": before + 1, "to": status["seq"]},
        f"the gap is {missing}, and {before} to {status['seq']} was missed",
    )
    with node.client() as client:
        number = client.post_event(feed.command()).json()["seq"]
    stream.until(lambda: stream.last_id() == number, f"effect {number}")
    stream.close()
    ahead = Stream(node, "effects", keeps=True, after=number + 1_000)
    ahead.until(lambda: ahead.messages, "a snapshot")
    ahead.close()
    test.say(f"a gap is told: {missing}")


if __name__ == "__main__":
    harness.run(main)
