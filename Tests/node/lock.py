"""One process has a folder; SIGTERM finishes what waits."""

import subprocess
import time

import harness
from harness import BINARY, Clock, Feed, Sender, check, identity
from journal import Journal

CONNECTIONS = 4


def main(test):
    """A second process on the folder is refused; SIGTERM under load drains within 5 seconds and loses nothing."""
    folder = test.path("node")
    node = test.node(folder).start()
    clock = Clock()
    first = harness.setup(clock)
    with node.client() as client:
        tally = client.post_lines(first).json()
    check(tally["accepted"] == len(first), f"the venue was not set up: {tally}")
    refusals(test, node)
    terms(test, node, clock, first)


def refusals(test, node):
    """Whoever comes second is told who has the folder, and the first one goes on."""
    rounds = test.count(3, 100)
    for _ in range(rounds):
        second = subprocess.run(
            [BINARY, "serve", "--data", node.data, "--port", "0", "--json"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        check(
            second.returncode == harness.JOURNAL_FAILED,
            f"a second process ended with {second.returncode}: {second.stderr}",
        )
        check(
            str(node.server_pid) in second.stderr and node.data in second.stderr,
            f"a second process does not say who has the folder: {second.stderr}",
        )
        check(not second.stdout, f"a second process said it was ready: {second.stdout}")
    check(node.status()["seq"] > 0, "the first process does not answer any more")
    node.kill()
    # The lock goes with its process, however that ended.
    node.start()
    test.say(f"{rounds} second processes were refused with {harness.JOURNAL_FAILED}")


def terms(test, node, clock, first):
    """SIGTERM under load, with idle connections and streams open."""
    rounds = test.count(2, 50)
    senders = [
        Sender(Feed(f"feed-{number}", test.seed + number, clock)) for number in range(CONNECTIONS)
    ]
    acknowledged = list(first)
    times = []
    for turn in range(rounds):
        idle = [node.client() for _ in range(3)]
        for client in idle:
            client.get("/v1/status")
        stream = node.client()
        stream.connect()
        stream.socket.sendall(
            (
                "GET /v1/stream?topics=effects,status HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {node.key}\r\n\r\n"
            ).encode()
        )
        senders = [sender.again().begin(node) for sender in senders]
        time.sleep(test.random.uniform(0.05, 0.5))
        code, took = node.stop(30)
        check(code == 0, f"SIGTERM under load: exit code {code}: {node.errors()}")
        check(took <= 5, f"SIGTERM under load: it ended after {took:.1f} s")
        times.append(took)
        for client in [*idle, stream]:
            client.close()
        for sender in senders:
            sender.join(30)
            check(sender.problem is None, sender.problem)
            acknowledged += sender.acknowledged
            sender.acknowledged = []
        journal = Journal(folder := node.data)
        check(
            journal.head == (journal.sequence, journal.chain),
            f"after a clean end the head of {folder} is {journal.head}, the journal ends with {journal.sequence}",
        )
        there = set(journal.identities)
        check(len(there) == journal.sequence, "an event is in the journal twice")
        lost = [name for name in map(identity, acknowledged) if name not in there]
        check(not lost, f"{len(lost)} acknowledged events are not there, as {lost[:3]}")
        node.start()
    harness.resubmit(node, acknowledged)
    test.say(
        f"{rounds} times SIGTERM under load, {len(acknowledged)} events acknowledged, none lost; "
        f"it took {harness.milliseconds(harness.percentile(times, 0.5))} (p50), "
        f"{harness.milliseconds(max(times))} (max)"
    )


if __name__ == "__main__":
    harness.run(main)
