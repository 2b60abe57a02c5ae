"""Loads a node over HTTP: acknowledged events per second, the time of balance queries meanwhile, and memory."""

import multiprocessing
import os
import random
import threading
import time

import harness
from harness import PRICES, START, SYMBOLS, Client, Clock, Gone, check

ACCOUNTS = 200
LINES = 500
CONNECTIONS = 4
TEMPLATES = 16
RATE = 20_000
# What is sent, so that queries are timed beside the load that must be held and not beside all that the machine can do.
PACE = 22_000


def main(test):
    """Fills and marks in batches over several connections, with balance queries beside them."""
    seconds = test.count(5, 600)
    node = test.node(test.path("node"), durability="sync", clock="wall").start()
    clock = Clock()
    setup = harness.setup(clock, ACCOUNTS)
    with node.client() as client:
        tally = client.post_lines(setup).json()
    check(tally["accepted"] == len(setup), f"the venue was not set up: {tally}")
    stop = multiprocessing.Event()
    results = multiprocessing.Queue()
    senders = [
        multiprocessing.Process(
            target=send, args=(node.port, node.key, number, test.seed + number, stop, results)
        )
        for number in range(CONNECTIONS)
    ]
    queries = Queries(node, test.seed)
    for sender in senders:
        sender.start()
    begin = time.monotonic()
    queries.start()
    samples = []
    while time.monotonic() - begin < seconds:
        time.sleep(min(1, seconds / 5))
        check(node.is_running(), f"the node has ended: {node.errors()}")
        samples.append((time.monotonic() - begin, node.memory(), node.open_files()))
    stop.set()
    tallies = [results.get(timeout=60) for _ in senders]
    took = time.monotonic() - begin
    for sender in senders:
        sender.join(30)
    queries.finish()
    problems = [tally["problem"] for tally in tallies if tally["problem"]]
    check(not problems, "; ".join(problems))
    accepted = sum(tally["accepted"] for tally in tallies)
    latencies = [value for tally in tallies for value in tally["latencies"]]
    status = harness.settled(node)
    check(
        status["seq"] == len(setup) + accepted,
        f"{len(setup) + accepted} events were acknowledged, the node counts {status['seq']}",
    )
    feeds = {feed["source"]: feed for feed in status.get("feeds", [])}
    for tally in tallies:
        feed = feeds.get(tally["source"])
        check(
            feed and feed["sequence"] == feed["events"] == tally["accepted"] and feed["refused"] == 0,
            f"{tally['source']}: {tally['accepted']} were acknowledged, the status says {feed}",
        )
    with node.client() as client:
        totals = client.get("/v1/totals")["items"]
    check(
        totals and all(float(item["difference"]) == 0 for item in totals),
        f"the balance sheet does not add up: {totals}",
    )
    report(test, accepted, took, latencies, queries, samples)
    code, stopped = node.stop()
    check(code == 0, f"SIGTERM: exit code {code}: {node.errors()}")
    node.start()
    check(node.status()["seq"] == len(setup) + accepted, "events are missing after a restart")
    test.say(
        f"it ended in {stopped:.1f} s, and started again with {status['seq']} events in {node.start_time:.1f} s, "
        f"as {node.status()['recovery']}"
    )


def report(test, accepted, took, latencies, queries, samples):
    """The figures; in a soak they have bars."""
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    rate = accepted / took
    test.say(
        f"{accepted} events acknowledged in {took:.1f} s: {rate:.0f} a second, {CONNECTIONS} connections with batches "
        f"of {LINES}; load {load}"
    )
    for name, values in (("acknowledgement of a batch", latencies), ("balance query", queries.latencies)):
        shares = [harness.milliseconds(harness.percentile(values, share)) for share in (0.5, 0.99)]
        test.say(f"{name}: p50 {shares[0]}, p99 {shares[1]}, of {len(values)}")
    warm = [sample for sample in samples if sample[0] >= took / 5] or samples
    slope = slope_per_hour([(moment, memory / (1 << 20)) for moment, memory, _ in warm])
    test.say(
        f"memory: {samples[0][1] >> 20} MiB at first, {warm[0][1] >> 20} MiB warm, {samples[-1][1] >> 20} MiB at the "
        f"end, {slope:+.1f} MiB an hour; open files {samples[0][2]} to {max(sample[2] for sample in samples)}"
    )
    check(queries.latencies, "no balance was answered")
    if test.soak:
        check(rate >= RATE, f"{rate:.0f} events a second are below {RATE}")
        slowest = harness.percentile(queries.latencies, 0.99)
        check(slowest < 0.005, f"a balance query takes {slowest * 1_000:.1f} ms at p99")
        check(
            warm[-1][1] - warm[0][1] < 64 << 20 and slope < 60,
            f"memory grows by {slope:.0f} MiB an hour",
        )


def slope_per_hour(points):
    """Least squares."""
    count = len(points)
    if count < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    below = sum((x - mean_x) ** 2 for x, _ in points)
    return 3_600 * sum((x - mean_x) * (y - mean_y) for x, y in points) / below if below else 0.0


def templates(source, seed):
    """Bodies of events that are whole but for their sequence numbers, so that a sender need not write JSON."""
    chooser = random.Random(seed)
    bodies = []
    for _ in range(TEMPLATES):
        lines = []
        for number in range(LINES):
            symbol = chooser.choice(SYMBOLS)
            begin = (
                f'"time":{START},"source":"{source}","sequence":%d,"symbol":"{symbol}",'
                f'"price":"{PRICES[symbol] + chooser.randrange(-9, 10)}"'
            )
            if number % 10 == 0:
                lines.append('{"type":"marked",' + begin + "}\n")
                continue
            buyer, seller = chooser.sample(range(ACCOUNTS), 2)
            lines.append(
                '{"type":"filled",' + begin + f',"quantity":"0.{chooser.randrange(1, 10):03}",'
                f'"buyer":"a-{buyer}","seller":"a-{seller}","buyerFee":"0.01"}}\n'
            )
        bodies.append("".join(lines).encode())
    return bodies


def send(port, key, number, seed, stop, results):
    """One connection that posts batch after batch, in turn with the others; runs in a process of its own."""
    source = f"feed-{number}"
    tally = {"source": source, "accepted": 0, "latencies": [], "problem": None}
    # Feeds have machines of their own; here they leave the node, and the one who asks, their share of this one.
    os.nice(10)
    try:
        bodies = templates(source, seed)
        with Client(port, key) as client:
            sequence = 0
            turn = 0
            start = time.monotonic()
            while not stop.is_set():
                due = start + (turn * CONNECTIONS + number) * LINES / PACE
                time.sleep(max(0.0, due - time.monotonic()))
                body = bodies[turn % TEMPLATES] % tuple(range(sequence + 1, sequence + LINES + 1))
                turn += 1
                begin = time.monotonic()
                answer = client.request("POST", "/v1/events", body, "application/x-ndjson")
                if answer.status in (429, 503):
                    time.sleep(0.1)
                    continue
                tally["latencies"].append(time.monotonic() - begin)
                check(
                    answer.status == 200 and f'"accepted":{LINES},'.encode() in answer.body,
                    f"a batch was answered with {answer}",
                )
                sequence += LINES
                tally["accepted"] += LINES
    except (harness.Failed, Gone) as problem:
        tally["problem"] = f"{source}: {problem}"
    results.put(tally)


class Queries(threading.Thread):
    """Asks for balances one after the other."""

    def __init__(self, node, seed):
        super().__init__(daemon=True)
        self.node = node
        self.random = random.Random(seed)
        self.latencies = []
        self.problem = None
        self.is_stopping = False

    def run(self):
        try:
            with self.node.client() as client:
                while not self.is_stopping:
                    begin = time.monotonic()
                    account = f"a-{self.random.randrange(ACCOUNTS)}"
                    document = client.get(f"/v1/accounts/{account}")
                    self.latencies.append(time.monotonic() - begin)
                    check(document["account"] == account, f"{account} was answered with {document['account']}")
                    time.sleep(0.005)
        except (harness.Failed, Gone) as problem:
            self.problem = str(problem)

    def finish(self):
        self.is_stopping = True
        self.join(60)
        check(self.problem is None, f"a balance query: {self.problem}")


if __name__ == "__main__":
    harness.run(main)
