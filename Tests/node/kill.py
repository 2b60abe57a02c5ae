"""Kills the node at seeded moments under load: what was acknowledged is there once, after every start."""

import time

import harness
from harness import Clock, Feed, Sender, audit, check, documents, identity, same_state

DURABILITIES = ("sync", "sync", "batch", "none")
CONNECTIONS = 4
# In a soak the journal gets long: clients pause, and the files are read whole after each tenth kill and at the end, which finds
# what any kill before has lost. What was acknowledged in a life is sent again after it in any case.
PAUSE = 0.01
AUDIT = 10


def main(test):
    """kill -9 under load, in turns with each durability; the end is compared with an uninterrupted run."""
    kills = test.count(10, 200)
    folder = test.path("killed")
    clock = Clock()
    first = harness.setup(clock)
    sent = {identity(event): event for event in first}
    node = test.node(folder).start()
    with node.client() as client:
        tally = client.post_lines(first).json()
    check(tally["accepted"] == len(first), f"the venue was not set up: {tally}")
    senders = [
        Sender(Feed(f"feed-{number}", test.seed + number, clock), PAUSE if test.soak else 0.0)
        for number in range(CONNECTIONS)
    ]
    acknowledged = list(first)
    starts, recoveries, lost_answers, dropped = [], [], 0, 0
    for turn in range(kills):
        before = len(acknowledged)
        senders = [sender.again().begin(node) for sender in senders]
        time.sleep(test.random.uniform(0.0, 0.6))
        node.kill()
        for sender in senders:
            sender.join(30)
            check(not sender.is_alive(), "a client did not notice the end of the node")
            check(sender.problem is None, sender.problem)
            acknowledged += sender.acknowledged
            sender.acknowledged = []
            lost_answers += len(sender.unknown)
            sent.update((identity(event), event) for event in sender.unknown)
        sent.update((identity(event), event) for event in acknowledged[before:])
        if not test.soak or turn % AUDIT == 0:
            audit(folder, acknowledged, sent)
        node = test.node(folder, durability=DURABILITIES[turn % len(DURABILITIES)]).start()
        status = node.status()
        starts.append(node.start_time)
        recoveries.append(status["recovery"]["milliseconds"] / 1000)
        dropped += status["recovery"]["droppedBytes"]
        older = acknowledged[:before]
        again = acknowledged[before:] + test.random.sample(older, min(500, len(older)))
        harness.resubmit(node, again)
    finish(node, senders, acknowledged, sent)
    harness.resubmit(node, acknowledged)
    killed = documents(node)
    chain = node.status()["chain"]
    code, _ = node.stop()
    check(code == 0, f"SIGTERM at the end: exit code {code}: {node.errors()}")
    journal = audit(folder, acknowledged, sent)
    check(journal.chain.hex() == chain, f"the files' chain ends with {journal.chain.hex()}, the status said {chain}")
    compare(test, journal, sent, killed)
    test.say(
        f"{kills} kills, {len(acknowledged)} events acknowledged, {lost_answers} times an event's answer "
        f"was lost, {dropped} bytes dropped as cut, {len(journal.records)} records"
    )
    test.say(
        f"start after a kill: p50 {harness.milliseconds(harness.percentile(starts, 0.5))}, "
        f"max {harness.milliseconds(max(starts))}; of it recovery max "
        f"{harness.milliseconds(max(recoveries))} of {journal.sequence} events at the end"
    )


def finish(node, senders, acknowledged, sent):
    """Sends what has stayed open, so that the history is whole."""
    with node.client() as client:
        for sender in senders:
            if not sender.unknown:
                continue
            tally = client.post_lines(sender.unknown).json()
            check(
                tally["accepted"] + tally["repeated"] == len(sender.unknown),
                f"what had stayed open: {tally}",
            )
            acknowledged += sender.unknown
            sent.update((identity(event), event) for event in sender.unknown)


def compare(test, journal, sent, killed):
    """The same events in the same order, without an interruption, lead to the same state."""
    other = test.node(test.path("plain"), durability="none").start()
    order = [sent[name] for name in journal.identities]
    with other.client() as client:
        for start in range(0, len(order), 1_000):
            part = order[start : start + 1_000]
            tally = client.post_lines(part).json()
            check(tally["accepted"] == len(part), f"the uninterrupted run: {tally}")
    same_state(killed, documents(other))
    check(killed["seq"] == len(order), f"{killed['seq']} events counted, {len(order)} in the journal")
    test.say(f"digest {killed['digest']}, the same as that of an uninterrupted run")


if __name__ == "__main__":
    harness.run(main)
