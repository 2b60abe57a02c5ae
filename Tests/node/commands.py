"""Runs the commands that read, feed and verify a server, and those of the journal, against a real node."""

import gzip
import json
import os
import pty
import re
import select
import signal
import ssl
import subprocess
import termios
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import harness
from harness import BINARY, ROOT, Clock, Feed, check

PASSED = {"state": "passed", "startedAt": 30, "endedAt": 40, "seq": 9, "accounts": 2, "compared": 2, "unvalued": 0, "findings": []}
FOUND = {
    **PASSED,
    "state": "found",
    "findingCount": 1,
    "findings": [
        {"account": "a-1", "kind": "wallet", "what": "wallet of USDT", "expected": "10", "found": "9"}
    ],
}


def main(test):
    """Each command once as it should go and once as it should not: exit codes, forms, widths, round trips."""
    node = test.node(test.path("node")).start()
    events = test.path("events.ndjson")
    history = write_history(test, events)
    tool = Tool(test, node.port, node.key)
    sections = [ingest, lists, accounts, watching, top, failures]
    for section in sections:
        section(test, node, tool, history)
        test.say(section.__name__)
    tables(test, tool)
    test.say("tables")
    journals(test, node, tool)
    test.say("journals")
    examples(test)
    test.say("examples")
    restarts(test)
    drop(test)
    test.say("restarts")
    wall_clock(test)
    test.say("wall clock")
    silence(test)
    test.say("silence")
    fake(test)
    test.say(f"fake server; {tool.runs} runs in all")


# What is run


class Tool:
    """`plimsoll` with the address and key of a server in its environment."""

    def __init__(self, test, port, key=None):
        self.test = test
        self.runs = 0
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PLIMSOLL_")
        }
        self.environment["PLIMSOLL_SERVER"] = f"http://127.0.0.1:{port}"
        if key:
            self.environment["PLIMSOLL_KEY"] = key

    def start(self, *words, **options):
        return subprocess.Popen(
            [BINARY, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**self.environment, **options.pop("environment", {})},
            **options,
        )

    def run(self, *words, code=0, says=(), input=None, environment=None):
        """Runs it to its end, which must have this code, and returns its output and errors."""
        self.runs += 1
        done = subprocess.run(
            [BINARY, *words],
            input=input,
            capture_output=True,
            cwd=ROOT,
            timeout=120,
            env={**self.environment, **(environment or {})},
        )
        output, errors = done.stdout.decode(), done.stderr.decode()
        told = f"plimsoll {' '.join(words)}: exit code {done.returncode}\n{output}\n{errors}"
        check(done.returncode == code, f"{told}\nexpected {code}")
        for text in [says] if isinstance(says, str) else says:
            check(text in output + errors, f"{told}\nit does not say: {text}")
        check("\x1b" not in output, f"{told}\nit has colours, and this is no terminal")
        return output, errors

    def json(self, *words, **options):
        output, errors = self.run(*words, "--json", "--quiet", **options)
        check(not errors or options.get("code"), f"{words} --json: {errors}")
        return json.loads(output)


def is_narrow(text, width=80):
    wide = [line for line in text.splitlines() if len(line) > width]
    check(not wide, f"{len(wide)} lines are wider than {width}: {wide[:3]}")
    blank = [line for line in text.splitlines() if line != line.rstrip()]
    check(not blank, f"lines end with blanks: {blank[:3]}")


def write_history(test, path):
    """An event file: a venue, feeds with fills and marks, and one event that is refused."""
    clock = Clock()
    history = harness.setup(clock)
    history += Feed("feed", test.seed, clock).events(3_000)
    history.append(
        {"time": clock.next(), "id": "too-much", "type": "withdrawalRequested", "account": "a-1",
         "asset": "USDT", "amount": "999999999999"}
    )
    with open(path, "w") as file:
        file.write("# a comment, and a blank line\n\n")
        file.writelines(json.dumps(event) + "\n" for event in history)
    return history


# Sections


def ingest(test, node, tool, history):
    """A file, again, packed, from a pipe: what was sent counts once."""
    path = test.path("events.ndjson")
    first = tool.json("ingest", path)
    check(first["accepted"] == len(history) - 1 and first["refused"] == 1, f"ingest: {first}")
    # Two lines of comment are in the file, and the refused event is its last line.
    check(first["problems"][0]["line"] == len(history) + 2, f"the line of a refusal: {first['problems']}")
    check(first["problems"][0]["code"], f"a refusal has a code: {first}")
    before = harness.documents(node)
    tool.run("ingest", path, "--strict", code=6, says=[f"{path}:{len(history) + 2}: ", "1 refused"])
    packed = test.path("events.ndjson.gz")
    with open(path, "rb") as plain, gzip.open(packed, "wb") as file:
        file.write(plain.read())
    again = tool.json("ingest", packed)
    check(again["accepted"] == 0 and again["repeated"] == len(history) - 1, f"again: {again}")
    output, errors = tool.run("ingest", "-", "--progress", input=Path(path).read_bytes(), says="0 accepted")
    check("events/s" in errors, f"no progress: {errors}")
    after = harness.documents(node)
    for name in ["totals"] + [f"a-{number}" for number in range(20)]:
        # A refusal is an event too, each time.
        one, two = ({**state[name], "seq": 0, "asOf": 0} for state in (before, after))
        check(one == two, f"{name} changed though all was known: {one} and {two}")
    broken = test.path("broken.ndjson")
    Path(broken).write_text('{"type": "ticked", "time": 1}\n{"type": \n')
    tool.run("ingest", broken, code=3, says=[f"{broken}:2:", "the text ends"])
    anonymous = test.path("anonymous.ndjson")
    deposit = {"time": harness.START, "type": "deposited", "account": "a-1", "asset": "USDT", "amount": "1"}
    Path(anonymous).write_text((json.dumps(deposit) + "\n") * 3)
    check(tool.json("ingest", anonymous)["accepted"] == 3, "three equal lines are three events")
    check(tool.json("ingest", anonymous)["repeated"] == 3, "events without ids count once")
    check(tool.json("ingest", anonymous, "--as-is")["accepted"] == 3, "--as-is")


def lists(test, node, tool, history):
    output, _ = tool.run("status", says=["demo · http://127.0.0.1:", "feed", "durable to"])
    is_narrow(output)
    status = tool.json("status")
    check(status["seq"] == node.status()["seq"], "the status as JSON is that of the API")
    output, errors = tool.run("accounts", "--limit", "5")
    is_narrow(output)
    check(len(output.splitlines()) == 6 and "--all" in errors, f"accounts --limit 5: {output}{errors}")
    everyone = tool.json("accounts", "--all")
    check(len(everyone["items"]) == 20 and everyone["nextCursor"] is None, "accounts --all")
    lines, _ = tool.run("accounts", "--all", "--ndjson", "--sort", "account")
    names = [json.loads(line)["account"] for line in lines.splitlines()]
    check(names == sorted(f"a-{number}" for number in range(20)), f"by name: {names}")
    table, _ = tool.run("accounts", "--all", "--csv", "--search", "A-1")
    rows = table.splitlines()
    check(rows[0].startswith("account,band,mode,equity") and len(rows) == 12, f"accounts --csv: {table}")
    tool.run("accounts", "--json", "--csv", code=2, says="three forms of one list")
    tool.run("accounts", "--band", "purple", code=2, says="purple")
    # Of liquidations only the snapshot comes: that the reader has gone shows at no second line.
    for words in ("accounts --all --ndjson", "watch book --ndjson", "watch liquidations --ndjson", f"journal export '{node.data}'",
                  f"journal tail '{node.data}' --follow"):
        script = f"set -o pipefail; '{BINARY}' {words} | head -1"
        head = subprocess.run(
            ["bash", "-c", script], capture_output=True, env=tool.environment, timeout=60
        )
        check(head.returncode == 0 and not head.stderr, f"{words} | head -1: {head}")
        check(head.stdout.count(b"\n") == 1, f"{words} | head -1: {head.stdout}")


def accounts(test, node, tool, history):
    output, _ = tool.run("account", "a-1", says=["EQUITY", "BTCUSDT", "binance-usdm"])
    with node.client() as client:
        document = client.get("/v1/accounts/a-1")
    check(tool.json("account", "a-1") == document, "the account as JSON is that of the API")
    mark = document["positions"][0]["entryPrice"].split(".")[0]
    check(f"{int(mark):,}" in output, f"the entry price {mark} is not in\n{output}")
    positions = tool.json("positions", "a-1")
    check(positions["items"] == document["positions"], "the positions are those of the account")
    table, _ = tool.run("positions", "a-1", "--csv")
    check(len(table.splitlines()) == 1 + len(positions["items"]), f"positions --csv: {table}")
    tool.run("positions", "a-1", says="BTCUSDT")
    tool.run("account", "nobody", code=4, says="There is no account 'nobody'")
    # Names are encoded, so that no name becomes a path.
    tool.run("account", "../status", code=4, says="There is no account")
    tool.run("account", "a-1", "--at", "noon", code=2, says="'noon' is not a time")


def watching(test, node, tool, history):
    """A stream of what happens, until Ctrl-C or a time."""
    process = tool.start("watch", "effects", "account:a-1", "--ndjson", "--for", "20s")
    snapshot = json.loads(process.stdout.readline())
    check(snapshot["event"] == "snapshot" and "account:a-1" in snapshot["data"]["topics"], f"{snapshot}")
    with node.client() as client:
        client.post_event(deposit("watched-1"))
    seen = json.loads(process.stdout.readline())
    # An event that two topics tell of has its id on the last of its messages.
    while seen["event"] != "effects" or "id" not in seen:
        seen = json.loads(process.stdout.readline())
    check(seen["data"]["seq"] == int(seen["id"]), f"an event's id is its sequence: {seen}")
    process.send_signal(signal.SIGINT)
    check(process.wait(10) == 130, "Ctrl-C ends a stream with 130")
    output, _ = tool.run("watch", "book", "status", "markets", "--for", "1s", says=["book", "status", "BTCUSDT"])
    tool.run("watch", "nonsense", code=2, says="nonsense")


def deposit(name):
    return {"id": name, "time": harness.START + 10_000_000, "type": "deposited", "account": "a-1",
            "asset": "USDT", "amount": "1"}


def top(test, node, tool, history):
    output, _ = tool.run("top", "--once", says=["PLIMSOLL", "venue demo", "ACCOUNT", "by ratio"])
    is_narrow(output)
    rows = [line for line in output.splitlines() if line.startswith("a-")]
    check(len(rows) == 20, f"top --once shows {len(rows)} accounts:\n{output}")
    tool.run("top", "--once", "--sort", "equity", "--band", "call", says="No account is there.")
    tool.run("top", "--sort", "size", code=2, says="is not an order")
    check(len(tool.json("top")["items"]) == 20, "top --json")


def failures(test, node, tool, history):
    nowhere = {"PLIMSOLL_SERVER": "http://127.0.0.1:9"}
    for words in (["status"], ["accounts"], ["account", "a-1"], ["watch"], ["top", "--once"], ["verify"],
                  ["ingest", "examples/minimal.ndjson"]):
        tool.run(*words, code=5, says="does not answer", environment=nowhere)
    tool.run("status", code=1, says="--key-file", environment={"PLIMSOLL_KEY": "plm_wrong"})
    tool.run("status", code=2, says="is not the address", environment={"PLIMSOLL_SERVER": "ftp://x"})
    own = node.make_key("read", account="a-2")
    tool.run("account", "a-2", environment={"PLIMSOLL_KEY": own})
    tool.run("account", "a-1", code=1, says="another account", environment={"PLIMSOLL_KEY": own})
    file = test.path("key")
    Path(file).write_text(node.key + "\n")
    for environment in ({"PLIMSOLL_KEY_FILE": file}, {}):
        words = [] if environment else ["--key-file", file]
        tool.run("status", *words, environment={"PLIMSOLL_KEY": "", **environment})
    for line in tool.start("watch", "--for", "1s").communicate():
        check(node.key not in line, "the key is shown")


def tables(test, tool):
    """CSV: checked whole, then sent."""
    marks = test.path("marks.csv")
    Path(marks).write_text(
        "time,symbol,price,source,sequence\n"
        "2025-10-10T00:00:00.500Z,BTCUSDT,61000.5,csv,1\n"
        '1760054401000,"ETHUSDT",3001,csv,2\n'
    )
    check(tool.json("ingest", "--type", "marked", marks)["accepted"] == 2, "two marks")
    fills = test.path("fills.csv")
    Path(fills).write_text(
        "type,time,symbol,quantity,price,buyer,seller,buyerFee\n"
        "filled,1760054402000,BTCUSDT,0.1,61000,a-1,a-2,\n"
    )
    check(tool.json("ingest", fills)["accepted"] == 1, "a fill")
    check(tool.json("ingest", fills)["repeated"] == 1, "a row counts once")
    wrong = test.path("wrong.csv")
    Path(wrong).write_text("time,symbol,price\n1,BTCUSDT,61000\nnoon,BTCUSDT,1\n2,BTCUSDT,1,2\n3,BTCUSDT,1e\n")
    before = tool.json("status")["seq"]
    tool.run(
        "ingest", "--type", "marked", wrong, code=3,
        says=["wrong.csv:3:1: 'noon' is not a time", "wrong.csv:4:1: the row has 4 cells", "wrong.csv:5:1: the price"],
    )
    check(tool.json("status")["seq"] == before, "a table that is wrong sends nothing")
    tool.run("ingest", wrong, code=3, says="nothing says what the rows are")
    tool.run("ingest", "--type", "markt", wrong, code=3, says="Did you mean 'marked'?")


def journals(test, node, tool):
    """The journal of a node that runs: verified, shown, exported and played again to the same digest."""
    folder = node.data
    digest = harness.documents(node)["digest"]
    output, _ = tool.run("journal", "verify", folder, says=["sound", "chain", "durable"])
    is_narrow(output)
    found = tool.json("journal", "verify", folder)
    status = node.status()
    check(found["seq"] == status["seq"] and found["chain"] == status["chain"], f"{found} and {status}")
    export = test.path("export.ndjson")
    exported, _ = tool.run("journal", "export", folder)
    Path(export).write_text(exported)
    check(len(exported.splitlines()) == status["seq"], "as many lines as events")
    replayed = tool.json("replay", export)
    check(replayed["digest"] == digest, f"replayed {replayed['digest']}, the node has {digest}")
    other = test.node(test.path("other")).start()
    second = Tool(test, other.port, other.key)
    second.run("ingest", "--as-is", export)
    check(harness.documents(other)["digest"] == digest, "what was exported and ingested has another digest")
    other.stop()
    part, _ = tool.run("journal", "export", folder, "--from", "100", "--to", "102")
    check(part.splitlines() == exported.splitlines()[99:102], "a part of it")
    tool.run("journal", "export", folder, "--from", "9999999", code=4, says="the journal ends with event")
    tail, _ = tool.run("journal", "tail", folder, "-n", "3")
    check([line.split()[0] for line in tail.splitlines()] == [str(status["seq"] - 2 + n) for n in range(3)], tail)
    process = tool.start("journal", "tail", folder, "-n", "1", "--follow", "--json")
    process.stdout.readline()
    with node.client() as client:
        client.post_event(deposit("followed"))
    check(json.loads(process.stdout.readline())["id"] == "followed", "tail --follow")
    process.kill()
    process.communicate()
    empty = test.node(test.path("empty")).start()
    for words in (["journal", "verify", empty.data], ["verify", "--data", empty.data],
                  ["verify", "--server", f"http://127.0.0.1:{empty.port}"]):
        key = {"PLIMSOLL_KEY": empty.key}
        output, _ = tool.run(*words, code=7, says="nothing to ", environment=key)
        check("passed" not in output and "sound" not in output, f"{words} of nothing: {output}")
    check(tool.json("journal", "verify", empty.data, code=7)["sound"] is None, "no event is not sound")
    empty.stop()
    stray = Path(test.path("stray"))
    stray.mkdir()
    (stray / "notes.pj").write_text("no journal")
    output, _ = tool.run("journal", "verify", str(stray), code=74, says="neither a segment")
    check("sound" not in output, f"stray files are called sound: {output}")
    output, _ = tool.run("verify", "--data", folder, says=["passed", "accounts compared"])
    check(tool.json("verify", "--data", folder)["state"] == "passed", "verify --data --json")
    code, _ = node.stop()
    check(code == 0, "the node ended well")
    tool.run("journal", "verify", test.path("nowhere"), code=4, says="there is no folder")
    tool.run("journal", "verify", str(test.folder), code=4, says="there is no journal")
    segment = next(Path(folder).glob("journal-*.pj"))
    content = bytearray(segment.read_bytes())
    content[5_000] ^= 1
    segment.write_bytes(content)
    output, errors = tool.run("journal", "verify", folder, code=74, says=segment.name)
    check(re.search(r"damaged at offset \d+, event \d+", errors), errors)
    output, _ = tool.run("journal", "verify", folder, "--json", code=74)
    check(json.loads(output)["sound"] is False and json.loads(output)["file"] == segment.name, output)
    for words in (["journal", "export", folder], ["verify", "--data", folder], ["journal", "tail", folder]):
        tool.run(*words, code=74, says="damaged at offset")


def examples(test):
    """The examples of every help run, on a server that has had those of `ingest`."""
    node = test.node(test.path("examples")).start()
    tool = Tool(test, node.port, node.key)
    for command in ("ingest", "status", "accounts", "account", "positions", "watch", "top", "verify",
                    "journal", "journal verify", "journal tail", "journal export"):
        text, _ = tool.run(*command.split(), "--help")
        lines = [line.strip() for line in text.split("EXAMPLES:")[1].strip().splitlines()]
        check(len(lines) == 2, f"{command} --help ends with {lines}")
        for line in lines:
            check(line.startswith("plimsoll "), line)
            for text, here in (("2025-10-10T21:17:42Z", str(node.status()["asOf"])),
                               ("/tmp/plimsoll", node.data),
                               ("http://127.0.0.1:8086", f"http://127.0.0.1:{node.port}"),
                               ("--for 30s", "--for 1s"), ("--for 5m", "--for 1s"),
                               ("--from 100 --to 200", "--from 10 --to 12")):
                line = line.replace(text, here)
            tool.run(*line.split()[1:])
    node.stop()


def restarts(test):
    """An ingest and a stream while the server is killed and started again."""
    node = test.node(test.path("restarted")).start()
    path = test.path("long.ndjson")
    clock = Clock()
    history = harness.setup(clock) + Feed("long", test.seed, clock).events(12_000)
    Path(path).write_text("".join(json.dumps(event) + "\n" for event in history))
    tool = Tool(test, node.port, node.key)
    process = tool.start("ingest", "-", "--json", "--quiet", stdin=subprocess.PIPE)
    lines = [json.dumps(event) + "\n" for event in history]
    process.stdin.write("".join(lines[:9_000]))
    process.stdin.flush()
    # The first batches are there, and the last are still to come.
    deadline = time.monotonic() + 60
    while node.status()["seq"] < 4_000:
        check(time.monotonic() < deadline, "an ingest from a pipe sends nothing")
        time.sleep(0.05)
    node.kill()
    output, errors = process.communicate("".join(lines[9_000:]))
    check(process.returncode == 5, f"an ingest whose server was killed: {process.returncode} {errors}")
    check(0 < json.loads(output)["sent"] < len(history), f"its tally: {output}")
    node = test.node(test.path("restarted")).start()
    tool = Tool(test, node.port, node.key)
    done = tool.json("ingest", path)
    check(done["accepted"] + done["repeated"] == len(history) and done["refused"] == 0, f"again: {done}")
    check(node.status()["seq"] == len(history), "each event is there once")
    node.stop()


def drop(test):
    """A stream whose server is killed and started again: what happens then comes with the new connection."""
    node = test.node(test.path("dropped")).start()
    with node.client() as client:
        client.post_lines(harness.setup(Clock()))
    process = Tool(test, node.port, node.key).start("watch", "effects", "--ndjson", "--for", "60s")
    snapshot = json.loads(process.stdout.readline())
    with node.client() as client:
        client.post_event(deposit("before"))
    before = json.loads(process.stdout.readline())
    node.kill()
    node = test.node(node.data, port=node.port).start()
    with node.client() as client:
        client.post_event(deposit("after"))
    after = before
    while after["event"] != "effects" or after["data"]["seq"] <= before["data"]["seq"]:
        line = process.stdout.readline()
        check(line, "the stream ended with its server")
        after = json.loads(line)
    check(snapshot["data"]["seq"] + 1 == before["data"]["seq"] == after["data"]["seq"] - 1,
          f"{snapshot['data']['seq']}, {before} and {after} do not follow each other")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    check(process.returncode == 130 and "taking it up again" in errors, f"{process.returncode}: {errors}")
    node.stop()


def wall_clock(test):
    """A node that stamps the time itself: `at` is left out, and its exact stamps are in an export."""
    node = test.node(test.path("wall"), clock="wall").start()
    tool = Tool(test, node.port, node.key)
    check(tool.json("ingest", test.path("export.ndjson"))["refused"] >= 1, "the refused events are refused again")
    digest = harness.documents(node)["digest"]
    exported, _ = tool.run("journal", "export", node.data)
    check('.' in json.loads(exported.splitlines()[0]).get("at", 0).__str__(), "stamps have fractions")
    again = tool.json("replay", "-", input=exported.encode())
    check(again["digest"] == digest, f"replayed {again['digest']}, the node has {digest}")
    node.stop()


# Answers that a real node seldom gives


class Fake(BaseHTTPRequestHandler):
    """Answers from a script: (method, path) to a list of (status, headers, document), the last one for good."""

    script = {}
    asked = []
    # Set: it takes questions and answers none. `ignored` is set by the first of those.
    is_silent = threading.Event()
    ignored = threading.Event()

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        key = (self.command, self.path.split("?")[0])
        type(self).asked.append((self.command, self.path, body, dict(self.headers)))
        while self.is_silent.is_set():
            self.ignored.set()
            time.sleep(0.1)
        answers = self.script[key]
        status, headers, document = answers.pop(0) if len(answers) > 1 else answers[0]
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except ConnectionError:
            pass  # Who asked has gone, as it may.

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def problem(status, code, detail):
    return {"title": "It is so.", "status": status, "detail": detail, "code": code}


class Terminal:
    """`plimsoll top` on a terminal of its own."""

    def __init__(self, tool):
        self.master, self.slave = pty.openpty()
        self.modes = termios.tcgetattr(self.slave)
        self.text = b""
        self.process = subprocess.Popen(
            [BINARY, "top"], stdin=self.slave, stdout=self.slave, stderr=subprocess.PIPE,
            env={**tool.environment, "TERM": "xterm"},
        )

    def reads(self, words, timeout):
        """Whether it writes them in time."""
        end = time.monotonic() + timeout
        while words not in self.text and time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                self.text += os.read(self.master, 65_536)
        return words in self.text

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)


def silence(test):
    """`top` at a server that takes questions and does not answer: it says so, and ends when it is told to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tool = Tool(test, server.server_port, "plm_key")
    Fake.script = {("GET", "/v1/status"): [(200, {}, {"seq": 1, "venue": "silent"})],
                   ("GET", "/v1/accounts"): [(200, {}, {"items": []})]}
    limit = 5
    for name, code, end in (
        ("q", 0, lambda one: os.write(one.master, b"q")),
        ("Ctrl-C", 0, lambda one: os.write(one.master, b"\x03")),
        ("SIGTERM", 0, lambda one: one.process.send_signal(signal.SIGTERM)),
        ("SIGINT", 130, lambda one: one.process.send_signal(signal.SIGINT)),
    ):
        Fake.is_silent.clear()
        one = Terminal(tool)
        check(one.reads(b"No account is there", 20), f"top draws nothing: {one.text}")
        Fake.ignored.clear()
        Fake.is_silent.set()
        check(Fake.ignored.wait(limit), "top asks no more")
        if name == "q":
            check(one.reads(b"no answer in time", limit), f"top says nothing of the silence: {one.text[-900:]}")
        begin = time.monotonic()
        end(one)
        gone = one.reads(b"\x1b[?1049l", limit)
        ended = one.process.wait(limit) if gone else None
        check(ended == code, f"{name}: exit code {ended} after {time.monotonic() - begin:.1f} s")
        check(termios.tcgetattr(one.slave) == one.modes, f"{name} leaves the terminal as it was not")
        one.close()
    one = Terminal(tool)
    check(one.process.wait(limit) == 5, "top begins at a server that does not answer")
    one.close()
    Fake.is_silent.clear()
    server.shutdown()


def fake(test):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tool = Tool(test, server.server_port, "plm_key")
    status = {"seq": 1, "clock": "events"}
    taken = {"seq": 2, "accepted": 1, "repeated": 0, "refused": 0, "problems": []}
    line = b'{"type":"ticked","time":1,"id":"t"}\n'
    busy = (503, {"Retry-After": "1"}, problem(503, "busy", "The inbox is full."))

    Fake.script = {("GET", "/v1/status"): [(429, {"Retry-After": "1"}, {}), (200, {}, status)],
                   ("POST", "/v1/events"): [busy, busy, (200, {}, taken)]}
    begin = time.monotonic()
    check(tool.json("ingest", "-", input=line)["accepted"] == 1, "a busy server is waited for")
    check(time.monotonic() - begin >= 2.9, "Retry-After is kept")
    bodies = {body for method, _, body, _ in Fake.asked if method == "POST"}
    check(bodies == {line}, f"the same is sent again: {bodies}")

    Fake.script = {("GET", "/v1/status"): [(500, {}, problem(500, "internal", "A fault."))]}
    tool.run("status", code=1, says=["plimsoll: It is so.", "A fault."])
    Fake.script = {("GET", "/v1/status"): [(200, {}, b"<html>")]}
    tool.run("status", code=1, says="did not answer with JSON")
    Fake.script = {("GET", "/v1/status"): [(200, {}, {**status, "failure": "write failed"})]}
    tool.run("status", code=74, says="write failed")
    replica = {"lag": 5, "failure": "it has another digest"}
    Fake.script = {("GET", "/v1/status"): [(200, {}, {**status, "replica": replica})]}
    tool.run("status", code=74, says="the replica: it has another digest")
    partial = b"".join(b'{"type":"ticked","time":%d,"id":"t-%d"}\n' % (n, n) for n in range(4_001)) + b"{\n"
    Fake.script = {("GET", "/v1/status"): [(200, {}, status)], ("POST", "/v1/events"): [(200, {}, taken)]}
    output, _ = tool.run("ingest", "-", "--json", code=3, input=partial)
    check(json.loads(output)["sent"] == 4_000, f"the tally of an ingest that stopped: {output}")
    days = b'{"type":"ticked","time":1,"id":"t"}\n{"type":"ticked","time":86400002,"id":"u"}\n'
    _, errors = tool.run("ingest", "-", input=days)
    check(errors.count("24 hours") == 1, f"no note of what cannot be sent again: {errors}")
    known = {"symbol": "B", "quantity": "1", "entryPrice": "1", "markPrice": "2"}
    for position, code in ((known, 0), ({**known, "markPrice": None}, 7)):
        Fake.script = {("GET", "/v1/accounts/x/positions"): [(200, {}, {"items": [position], "stale": []})]}
        for form in ("--json", "--ndjson", "--csv"):
            tool.run("positions", "x", form, code=code)
    stale = {"account": "x", "asset": "USDT", "equity": None, "stale": ["BTCUSDT"], "missing": ["BTC"]}
    Fake.script = {("GET", "/v1/accounts/x"): [(200, {}, stale)]}
    tool.run("account", "x", code=7, says="the mark is older than the rulebook allows")
    tool.run("account", "x", "--at", "2025-10-10T00:00:00.5Z", code=7)
    check(Fake.asked[-1][1] == "/v1/accounts/x?at=1760054400500", f"--at asks for {Fake.asked[-1][1]}")

    old = {**FOUND, "startedAt": 10, "endedAt": 20}
    running = {**PASSED, "state": "running", "endedAt": None}
    for last, code, says in ((PASSED, 0, "passed"), (FOUND, 6, "a-1: wallet of USDT is 9, expected 10")):
        # What had ended before is asked for first, and is not taken for the answer.
        Fake.script = {("GET", "/v1/verification"): [(200, {}, old), (200, {}, old), (200, {}, running), (200, {}, last)],
                       ("POST", "/v1/verification"): [(202, {}, running)]}
        tool.run("verify", code=code, says=says)
    Fake.script[("POST", "/v1/verification")] = [(403, {}, problem(403, "forbidden", "It needs the role risk."))]
    tool.run("verify", code=1, says="It needs the role risk.")

    gap = (b'id: 7\nevent: snapshot\ndata: {"seq":7,"topics":{}}\n\nevent: gap\ndata: {"from":8,"to":90}\n\n'
           b'event: closing\ndata: {"reason":"slow"}\n\n')
    stream = {"Content-Type": "text/event-stream"}
    Fake.script = {("GET", "/v1/stream"): [(200, stream, gap)]}
    output, errors = tool.run("watch", "effects", "--for", "2s", says=["gap  events 8 to 90", "too slow"])
    check("taking it up again" in errors, f"a drop is told: {errors}")
    check(Fake.asked[-1][3].get("Last-Event-ID") == "7", f"it goes on where it was: {Fake.asked[-1]}")
    Fake.script = {("GET", "/v1/stream"): [(200, {"Content-Type": "text/html"}, b"<html>")]}
    tool.run("watch", "effects", "--for", "20s", code=1, says="did not answer with a stream of events")
    server.shutdown()
    certified(test)


def certified(test):
    """A server with a certificate of its own: believed with --ca, and not without."""
    certificate, key = test.path("cert.pem"), test.path("key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
        check=True, capture_output=True,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Fake.script = {("GET", "/v1/status"): [(200, {}, {"seq": 1, "venue": "sealed"})]}
    tool = Tool(test, server.server_port, "plm_key")
    address = {"PLIMSOLL_SERVER": f"https://127.0.0.1:{server.server_port}"}
    tool.run("status", "--ca", certificate, says="sealed", environment=address)
    tool.run("status", says="sealed", environment={**address, "PLIMSOLL_CA": certificate})
    before = len(Fake.asked)
    tool.run("status", code=5, says="does not answer", environment=address)
    check(len(Fake.asked) == before, "the key went to a server that nobody vouches for")
    tool.run("status", "--ca", "no/such/file", code=2, says="cannot be read", environment=address)
    server.shutdown()


if __name__ == "__main__":
    harness.run(main)
