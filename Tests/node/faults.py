"""Makes system calls of the journal fail, one at a time: nothing that was acknowledged is lost, and nothing is
acknowledged after a failure."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import harness
from harness import Clock, Feed, Gone, NotStarted, audit, check, identity

COMMANDS = 200
# How long the node may take to end after a failure.
END = 5

# Name, system call, what strace does to it; `None`: the library of short.c does it.
FAULTS = (
    ("EIO of pwrite", "pwrite64", "error=EIO"),
    ("ENOSPC of pwrite", "pwrite64", "error=ENOSPC"),
    ("EINTR of pwrite", "pwrite64", "error=EINTR"),
    ("short pwrite", "pwrite64", None),
    ("SIGKILL at pwrite", "pwrite64", "signal=SIGKILL"),
    ("EIO of fdatasync", "fdatasync", "error=EIO"),
    ("EIO of fdatasync from then on", "fdatasync", "error=EIO:onwards"),
    ("ENOSPC of fdatasync", "fdatasync", "error=ENOSPC"),
    ("SIGKILL at fdatasync", "fdatasync", "signal=SIGKILL"),
)
# Calls that happen while a node starts, or makes a segment.
BEGINNINGS = (
    ("EIO of openat", "openat", "error=EIO"),
    ("EMFILE of openat", "openat", "error=EMFILE"),
    ("EIO of fsync", "fsync", "error=EIO"),
    ("EIO of rename", "rename", "error=EIO"),
    ("ENOSPC of rename", "rename", "error=ENOSPC"),
    ("SIGKILL at rename", "rename", "signal=SIGKILL"),
    ("SIGKILL at openat", "openat", "signal=SIGKILL"),
    ("SIGKILL at fsync", "fsync", "signal=SIGKILL"),
)
# What the node goes on after, as if nothing had happened.
HARMLESS = {"EINTR of pwrite", "short pwrite"}


def main(test):
    """Each write, sync and open of the journal fails in turn, or the process is killed there."""
    if shutil.which("strace") is None:
        raise harness.Failed("there is no strace. Do: scripts/setup.sh")
    bench = Bench(test)
    running = [(fault, number) for fault in FAULTS for number in bench.points(fault[1])]
    # A fresh folder: its first commands make the head and a segment.
    fresh = [
        (fault, number)
        for fault in FAULTS + BEGINNINGS
        for number in bench.fresh_points(fault[1])
    ]
    total = len(running) + len(fresh)
    if not test.soak:
        running, fresh = sample(test, running, 8), sample(test, fresh, 5)
    outcomes = {}
    places = [(bench.while_running, *point) for point in running]
    places += [(bench.from_start, *point) for point in fresh]
    for done, (attempt, fault, number) in enumerate(places):
        if done and done % 250 == 0:
            test.say(f"{done} of {len(places)} points, none lost anything")
        outcome = attempt(fault, number)
        outcomes[fault[0], outcome] = outcomes.get((fault[0], outcome), 0) + 1
    for (name, outcome), count in sorted(outcomes.items()):
        test.say(f"{count:5} × {name}: {outcome}")
    test.say(
        f"{len(running) + len(fresh)} of {total} points; {bench.acknowledged} events were acknowledged "
        f"before or after a fault, none was lost or is there twice"
    )


def sample(test, points, count):
    """Some points, of as many kinds as there are."""
    kinds = {}
    for fault, number in points:
        kinds.setdefault(fault, []).append(number)
    chosen = test.random.sample(sorted(kinds, key=str), min(count, len(kinds)))
    return [(fault, test.random.choice(kinds[fault])) for fault in chosen]


class Bench:
    """A folder with a venue, of which each point has a copy, and the script of commands."""

    def __init__(self, test):
        self.test = test
        self.clock = Clock()
        self.setup = harness.setup(self.clock, accounts=5)
        feed = Feed("feed", test.seed, self.clock, accounts=5)
        self.script = feed.events(COMMANDS)
        self.acknowledged = 0
        self.number = 0
        self.template = test.path("template")
        self.library = build(test)
        node = test.node(self.template).start()
        with node.client() as client:
            tally = client.post_lines(self.setup).json()
        check(tally["accepted"] == len(self.setup), f"the venue was not set up: {tally}")
        code, _ = node.stop()
        check(code == 0, f"the template's node ended with {code}: {node.errors()}")
        self.running_counts = self.count(self.copy(), attach=True)
        self.fresh_counts = self.count(self.empty(), attach=False)
        self.fresh_counts |= self.count(self.empty(), attach=False, only="rename")
        test.say(f"calls of a script of {COMMANDS} commands: {self.running_counts}")
        test.say(f"calls of a fresh folder's start and first commands: {self.fresh_counts}")

    def points(self, call):
        return range(1, self.running_counts.get(call, 0) + 1)

    def fresh_points(self, call):
        return range(1, self.fresh_counts.get(call, 0) + 1)

    # Folders

    def empty(self):
        self.number += 1
        folder = self.test.path(f"point-{self.number}")
        shutil.copy(self.template + ".key", folder + ".key")
        os.makedirs(folder, mode=0o700)
        for name in ("keys.json", "master.key"):
            shutil.copy(f"{self.template}/{name}", folder)
        return folder

    def copy(self):
        folder = self.empty()
        for path in sorted(Path(self.template).glob("*.pj")):
            subprocess.run(["cp", str(path), folder], check=True)
        return folder

    def remove(self, folder):
        shutil.rmtree(folder)
        for suffix in (".key", ".log", ".strace"):
            Path(folder + suffix).unlink(missing_ok=True)

    # Points

    def while_running(self, fault, number):
        """The fault comes at the `number`th call after the node is ready."""
        name, call, action = fault
        folder = self.copy()
        preload = action is None
        node = self.test.node(folder, environment=self.shortened(folder, number) if preload else None)
        node.start()
        tracer = None
        if preload:
            Path(folder + ".armed").touch()
        else:
            tracer = attach(node, paths(folder), injection(call, action, number))
        try:
            acknowledged, failed = self.drive(node, self.script)
            outcome = self.judge(node, name, failed, number)
        finally:
            node.kill()
            if tracer:
                tracer.wait()
        Path(folder + ".armed").unlink(missing_ok=True)
        self.after(folder, self.setup + acknowledged, self.setup + self.script)
        return outcome

    def from_start(self, fault, number):
        """The fault comes at the `number`th call of a node that has nothing yet."""
        name, call, action = fault
        folder = self.empty()
        events = self.setup
        if action is None:
            environment, prefix = self.shortened(folder, number), []
            Path(folder + ".armed").touch()
        else:
            environment, prefix = None, traced(folder, injection(call, action, number), call)
        node = self.test.node(folder, prefix=prefix, environment=environment)
        acknowledged = []
        try:
            node.start()
            acknowledged, failed = self.drive(node, events)
            outcome = self.judge(node, name, failed, number)
        except NotStarted as refusal:
            outcome = self.judge_start(name, refusal, number)
        finally:
            node.kill()
        Path(folder + ".armed").unlink(missing_ok=True)
        self.after(folder, acknowledged, events)
        return outcome

    def shortened(self, folder, number):
        return {
            "LD_PRELOAD": self.library,
            "SHORT_AT": str(number),
            "SHORT_ARMED": folder + ".armed",
        }

    def drive(self, node, events):
        """Posts events one at a time until one is not acknowledged, and then some more."""
        acknowledged = []
        failed = None
        client = node.client(timeout=20)
        for event in events:
            try:
                answer = client.post_event(event)
            except Gone as gone:
                failed = f"gone: {gone}"
                break
            if answer.status == 200:
                acknowledged.append(event)
                continue
            check(
                answer.status == 503 and b"journal_unavailable" in answer.body,
                f"a failure of the journal was answered with {answer}",
            )
            failed = "503"
            break
        if failed:
            for event in events[len(acknowledged) + 1 :][:3]:
                try:
                    answer = client.post_event(event)
                except Gone:
                    break
                check(
                    answer.status == 503,
                    f"an event after the failure was answered with {answer}",
                )
        client.close()
        return acknowledged, failed

    def judge(self, node, name, failed, number):
        """How a node that was running has taken a fault."""
        where = f"{name} {number}"
        if name in HARMLESS:
            check(failed is None, f"{where}: {failed}; standard error: {node.errors()}")
            check(node.is_running(), f"{where}: the node ended: {node.errors()}")
            return "went on"
        if failed is None:
            # It did not concern the journal's writer: as a file that the replica opens, or a call of the last second.
            node.status()
            return "not noticed by a client"
        code = node.wait(END)
        if name.startswith("SIGKILL"):
            check(code is not None and code not in (0, 74), f"{where}: exit code {code}")
            return "killed"
        check(code is not None, f"{where}: the node was still running {END} s after it failed")
        check(
            code == harness.JOURNAL_FAILED,
            f"{where}: exit code {code}: {node.errors()}",
        )
        check(
            re.search(r"failed: .+ \(\d+\)|no room|No space", node.errors()),
            f"{where}: standard error does not say what failed: {node.errors()}",
        )
        return "503, then exit code 74"

    def judge_start(self, name, refusal, number):
        where = f"{name} {number}, from the start"
        check(name not in HARMLESS, f"{where}: {refusal}")
        if name.startswith("SIGKILL"):
            check(refusal.code not in (0, 74, None), f"{where}: {refusal}")
            return "killed while it started"
        check(refusal.code == harness.JOURNAL_FAILED, f"{where}: {refusal}")
        check(
            re.search(r"\w+ of \S+ failed: \w.+", refusal.errors),
            f"{where}: standard error does not say what failed: {refusal.errors}",
        )
        return "did not start, exit code 74"

    def after(self, folder, acknowledged, events):
        """A start without faults: what was acknowledged is there once, and everything can be sent again."""
        self.acknowledged += len(acknowledged)
        node = self.test.node(folder).start()
        sent = {identity(event): event for event in events}
        audit(folder, acknowledged, sent)
        harness.resubmit(node, acknowledged)
        with node.client() as client:
            tally = client.post_lines(events).json()
            check(
                tally["accepted"] + tally["repeated"] == len(events) and tally["refused"] == 0,
                f"after a restart: {tally}",
            )
            seq = client.get("/v1/status")["seq"]
        check(seq == len(events), f"after a restart: {seq} events instead of {len(events)}")
        node.kill()
        self.test.nodes.clear()
        self.remove(folder)

    def count(self, folder, attach, only=None):
        """How often each call comes in a script without faults."""
        calls = {call for _, call, _ in FAULTS + BEGINNINGS} - {"rename"}
        trace = f"trace={only or ','.join(sorted(calls))}"
        log = folder + ".strace"
        node = self.test.node(folder, prefix=[] if attach else traced(folder, trace, only, log))
        node.start()
        tracer = globals()["attach"](node, paths(folder), trace, log) if attach else None
        _, failed = self.drive(node, self.script if attach else self.setup)
        check(failed is None, f"without a fault: {failed}")
        node.kill()
        if tracer:
            tracer.wait()
        counts = {}
        for thread, call in re.findall(r"^(\d+) +(?:<\.\.\. )?(\w+)\(", Path(log).read_text(), re.M):
            counts.setdefault(call, {}).setdefault(thread, 0)
            counts[call][thread] += 1
        self.remove(folder)
        # strace counts for each thread; nearly all calls are the writer's.
        return {call: max(threads.values()) for call, threads in sorted(counts.items())}


def injection(call, action, number):
    """How strace is told of a fault."""
    action, _, onwards = action.partition(":")
    return f"inject={call}:{action}:when={number}{'+' if onwards else ''}"


def paths(folder, call=None):
    """The journal's own files: nothing else fails. Of a rename strace looks at the old name."""
    names = ["spare.pj"] if call == "rename" else ["head.pj", "journal-00000000000000000001.pj"]
    result = ["-P", folder]
    for name in names:
        result += ["-P", f"{folder}/{name}"]
    return result


def traced(folder, expression, call, log="/dev/null"):
    """The command that runs a node from its start with a fault."""
    return ["strace", "-f", "-qq", "-o", log, *paths(folder, call), "-e", expression]


def attach(node, where, expression, log="/dev/null"):
    """strace on a node that is running, as soon as it has all threads."""
    tracer = subprocess.Popen(
        ["strace", "-f", "-o", log, *where, "-e", expression, "-p", str(node.process.pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = tracer.stderr.readline()
    check("attached" in line, f"strace does not attach: {line}")
    deadline = time.monotonic() + 10
    threads = Path(f"/proc/{node.process.pid}/task")
    while time.monotonic() < deadline:
        tracers = [
            re.search(r"TracerPid:\t(\d+)", (thread / "status").read_text())[1]
            for thread in threads.iterdir()
        ]
        if all(tracer_id != "0" for tracer_id in tracers):
            break
        time.sleep(0.005)
    return tracer


def build(test):
    """The library that makes one write of the journal short."""
    library = test.path("short.so")
    source = Path(__file__).with_name("short.c")
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, str(source), "-ldl"],
        check=True,
    )
    return library


if __name__ == "__main__":
    harness.run(main)
