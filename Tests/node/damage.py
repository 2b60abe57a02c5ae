"""Damages copies of a stopped node's folder: what was durable is never lost without a word."""

import os
import re
from pathlib import Path

import harness
from harness import Clock, Feed, NotStarted, check
from journal import HEAD_SLOT, Journal

USED_HEAD = 60
DROPPED = re.compile(r"(\d+) bytes behind the last record were cut")


def main(test):
    """Flipped bits and cut files: start-up refuses, or drops only what was never acknowledged and says so."""
    bench = Bench(test)
    flips, beyond, heads = test.count((8, 4, 3), (220, 50, 30))
    for _ in range(flips):
        bench.flip_durable()
    for _ in range(beyond):
        bench.flip_beyond()
    for _ in range(heads):
        bench.flip_head()
    test.say(
        f"{flips} bits flipped up to the head's mark, all refused; {beyond} beyond it, "
        f"{bench.beyond_refused} refused since a later record knows better, the others dropped and told; "
        f"{heads} in the head, {bench.heads_survived} taken from its other slot, "
        f"{heads - bench.heads_survived} refused"
    )
    bench.lost_head()
    places = bench.cuts()
    chosen = places if test.soak else test.random.sample(places, 8)
    for place in chosen:
        bench.cut_durable(place)
        bench.cut_beyond(place)
    test.say(f"cut at {len(chosen)} of the {len(places)} bytes of the last three records, in four ways each")
    test.say(f"{bench.starts} starts, p50 {harness.milliseconds(harness.percentile(bench.times, 0.5))}")


class Bench:
    """A folder, the files that it has after a clean end, and what they were three records before."""

    def __init__(self, test):
        self.test = test
        self.random = test.random
        self.folder = test.path("node")
        self.starts = 0
        self.times = []
        self.heads_survived = 0
        self.beyond_refused = 0
        clock = Clock()
        feed = Feed("feed", test.seed, clock)
        node = test.node(self.folder).start()
        with node.client() as client:
            check(client.post_lines(harness.setup(clock)).status == 200, "the venue was not set up")
            for _ in range(40):
                check(client.post_lines(feed.events(5)).status == 200, "a batch was not taken")
        self.stop(node)
        self.older_head = Path(self.folder, "head.pj").read_bytes()
        self.older = Journal(self.folder)
        node.start()
        with node.client() as client:
            for _ in range(3):
                check(client.post_event(feed.event()).status == 200, "an event was not taken")
        self.stop(node)
        self.head = Path(self.folder, "head.pj").read_bytes()
        self.journal = Journal(self.folder)
        check(
            self.journal.head == (self.journal.sequence, self.journal.chain),
            "the head of a stopped node is not the end of its journal",
        )
        self.segment = Path(self.folder, self.journal.segments[-1])
        last = self.journal.records[-1]
        self.end = last.offset + last.size
        self.mark = self.older.records[-1].offset + self.older.records[-1].size
        self.size = self.segment.stat().st_size
        with open(self.segment, "rb") as file:
            self.used = file.read(self.end)
        # Snapshots would hide what is before them: here the journal alone must tell.
        for path in Path(self.folder).glob("snapshot-*"):
            path.unlink()
        self.others = sorted(os.listdir(self.folder))

    def stop(self, node):
        code, _ = node.stop()
        check(code == 0, f"SIGTERM: exit code {code}: {node.errors()}")

    def restore(self):
        """The files as they were after the clean end."""
        for name in os.listdir(self.folder):
            if name not in self.others:
                os.remove(f"{self.folder}/{name}")
        Path(self.folder, "head.pj").write_bytes(self.head)
        with open(self.segment, "r+b") as file:
            file.truncate(self.end)
            file.write(self.used)
            file.truncate(self.size)

    def write(self, path, place, content):
        with open(path, "r+b") as file:
            file.seek(place)
            file.write(content)

    def start(self):
        """A start; the node, or its refusal."""
        self.starts += 1
        node = self.test.node(self.folder)
        try:
            node.start()
            self.times.append(node.start_time)
            return node, None
        except NotStarted as refusal:
            return None, refusal

    def refused(self, what):
        """The start is refused with a place, and changes nothing."""
        with open(self.segment, "rb") as file:
            before = file.read(self.end + 4_096), os.path.getsize(self.segment)
        head = Path(self.folder, "head.pj").read_bytes()
        node, refusal = self.start()
        if node:
            status = node.status()
            node.kill()
            raise harness.Failed(f"{what}: the node started with {status['seq']} events")
        check(refusal.code == harness.JOURNAL_FAILED, f"{what}: {refusal}")
        check(
            re.search(r"journal-\d+\.pj is damaged at offset \d+, event \d+", refusal.errors),
            f"{what}: standard error does not say where: {refusal.errors}",
        )
        with open(self.segment, "rb") as file:
            after = file.read(self.end + 4_096), os.path.getsize(self.segment)
        check(
            before == after and head == Path(self.folder, "head.pj").read_bytes(),
            f"{what}: the start was refused and has changed the files",
        )

    def taken(self, what, least, must_tell):
        """The start goes well with at least the durable events, and says what it dropped."""
        node, refusal = self.start()
        check(node, f"{what}: {refusal}")
        status = node.status()
        errors = node.errors()
        node.kill()
        check(
            least <= status["seq"] <= self.journal.sequence,
            f"{what}: {status['seq']} events, and {least} were durable",
        )
        if must_tell:
            told = DROPPED.search(errors)
            check(told and int(told[1]) > 0, f"{what}: nothing was said: {errors}")
            check(
                status["recovery"]["droppedBytes"] == int(told[1]),
                f"{what}: said {told[0]}, and the status {status['recovery']}",
            )
        return status

    # Flips

    def flipped(self, path, place, bit):
        with open(path, "rb") as file:
            file.seek(place)
            value = file.read(1)[0]
        self.write(path, place, bytes([value ^ 1 << bit]))

    def flip_durable(self):
        """A bit of what was durable."""
        self.restore()
        place, bit = self.random.randrange(self.end), self.random.randrange(8)
        self.flipped(self.segment, place, bit)
        self.refused(f"bit {bit} of byte {place} of {self.segment.name}")

    def flip_beyond(self):
        """A bit of a record beyond the mark, or of the zeros behind the last record.

        A record says what was durable when it was written: so only the last one can count as cut.
        """
        self.restore()
        bit = self.random.randrange(8)
        if self.random.random() < 0.3:
            place = self.random.randrange(self.end, self.size)
            least = self.journal.sequence
        else:
            Path(self.folder, "head.pj").write_bytes(self.older_head)
            place = self.random.randrange(self.mark, self.end)
            least = self.older.sequence
        self.flipped(self.segment, place, bit)
        what = f"bit {bit} of byte {place} of {self.segment.name}, beyond the mark"
        if place < self.journal.records[-1].offset:
            self.refused(what)
            self.beyond_refused += 1
            return
        status = self.taken(what, least, must_tell=True)
        whole = [record for record in self.journal.records if record.offset + record.size <= place]
        check(
            status["seq"] == whole[-1].first + whole[-1].count - 1,
            f"{what}: {status['seq']} events are there, the records before the damage end with "
            f"{whole[-1].first + whole[-1].count - 1}",
        )

    def flip_head(self):
        """A bit of a slot of the head: the other slot is as good after a clean end, or the start is refused."""
        self.restore()
        place = self.random.choice((0, HEAD_SLOT)) + self.random.randrange(USED_HEAD)
        bit = self.random.randrange(8)
        self.flipped(f"{self.folder}/head.pj", place, bit)
        what = f"bit {bit} of byte {place} of head.pj"
        node, refusal = self.start()
        if refusal:
            check(refusal.code == harness.JOURNAL_FAILED, f"{what}: {refusal}")
            check("head.pj" in refusal.errors, f"{what}: {refusal}")
            return
        seq = node.status()["seq"]
        node.kill()
        check(seq == self.journal.sequence, f"{what}: {seq} events are there")
        self.heads_survived += 1

    def lost_head(self):
        """Without a head nobody can tell a cut end from a lost one."""
        for what in ("without head.pj", "with a head.pj of zeros", "with an empty head.pj"):
            self.restore()
            path = Path(self.folder, "head.pj")
            if what == "without head.pj":
                path.unlink()
            else:
                path.write_bytes(bytes(1_024 if "zeros" in what else 0))
            node, refusal = self.start()
            check(refusal, f"{what}: the node started")
            check(refusal.code == harness.JOURNAL_FAILED, f"{what}: {refusal}")
            check("head.pj" in refusal.errors, f"{what}: {refusal}")
        self.restore()

    # Cuts

    def cuts(self):
        return list(range(self.journal.records[-3].offset, self.end))

    def cut(self, place, is_short):
        """The segment ends at a place, or is zero from there on as a torn write leaves it."""
        if is_short:
            with open(self.segment, "r+b") as file:
                file.truncate(place)
        else:
            self.write(self.segment, place, bytes(self.end - place))

    def cut_durable(self, place):
        for is_short in (True, False):
            self.restore()
            if not is_short and not any(self.used[place:]):
                continue  # Padding: nothing changes.
            self.cut(place, is_short)
            self.refused(f"{'ends' if is_short else 'zero'} from byte {place}")

    def cut_beyond(self, place):
        """The same beyond the mark: what is whole stays."""
        for is_short in (True, False):
            self.restore()
            Path(self.folder, "head.pj").write_bytes(self.older_head)
            self.cut(place, is_short)
            whole = [
                record
                for record in self.journal.records
                if record.offset + record.size <= place
                or not is_short
                and not any(self.used[place : record.offset + record.size])
            ]
            end = whole[-1].first + whole[-1].count - 1
            rest = self.used[whole[-1].offset + whole[-1].size : place]
            what = f"{'ends' if is_short else 'zero'} from byte {place}, beyond the mark"
            status = self.taken(what, self.older.sequence, must_tell=any(rest))
            check(status["seq"] == end, f"{what}: {status['seq']} events instead of {end}")


if __name__ == "__main__":
    harness.run(main)
