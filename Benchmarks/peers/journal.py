"""W5: our journal and its peers commit groups of rows, each durable before the next, in turn.

Usage: journal.py FOLDER PROGRAMS ROUNDS SECONDS OURS...

FOLDER is on the disk that is measured; PROGRAMS holds w5_raw, w5_sqlite, w5_postgresql and w5_redis,
as far as they could be built. OURS is the command that the folder of our journal is appended to.
In each round every one commits for SECONDS, one after the other, so that a disk that gets slower does
so for all. Servers listen on sockets in FOLDER and are ended by their own process. Prints one JSON
object per line; a ratio is the median of those of the rounds.
"""
import json
import os
import pathlib
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BATCHES = [1, 10, 1000]
ENCODE = "encode"  # ours once more, with the events encoded first


def emit(**fields):
    print(json.dumps(fields), flush=True)


def priority():
    """Above others where that is allowed: a busy processor is waited for longer than the disk."""
    try:
        os.nice(-15)
    except PermissionError:
        pass
    return os.nice(0)


class Program:
    """A program that is told on its standard input what to commit."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.ready = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise RuntimeError(self.process.stderr.read().strip() or "ended without a word")
        return line.split()

    def commit(self, batch, seconds, mode):
        self.process.stdin.write(f"{batch} {seconds} {mode}\n")
        self.process.stdin.flush()
        rate, median, slowest = self.answer()
        return float(rate), float(median), float(slowest)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Servers:
    """Redis and PostgreSQL with data and sockets in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.redis = None
        self.data = None

    def start_redis(self):
        data = self.folder / "redis"
        data.mkdir()
        socket = data / "socket"
        self.redis = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(data),
             "--appendonly", "yes", "--appendfsync", "always", "--save", "",
             "--auto-aof-rewrite-percentage", "0"], stdout=subprocess.DEVNULL)
        for _ in range(100):
            if socket.exists():
                return socket
            time.sleep(0.1)
        raise RuntimeError("redis-server does not answer")

    def postgresql(self, program, *words):
        """Runs a program of the server, which refuses to be run by root."""
        folder = subprocess.run(["pg_config", "--bindir"], check=True, capture_output=True,
                                text=True).stdout.strip()
        command = [f"{folder}/{program}", *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()[-300:]}")

    def start_postgresql(self):
        data = self.folder / "postgresql"
        data.mkdir()
        if os.geteuid() == 0:
            os.chown(data, pwd.getpwnam("postgres").pw_uid, -1)
        self.postgresql("initdb", "-D", str(data), "-A", "trust", "-U", "postgres")
        options = (f"-c listen_addresses= -c unix_socket_directories={data} "
                   "-c synchronous_commit=on -c fsync=on -c max_wal_size=4GB")
        self.data = data
        self.postgresql("pg_ctl", "-D", str(data), "-w", "-l", f"{data}/log", "-o", options,
                        "start")
        return data

    def stop(self):
        if self.redis:
            self.redis.terminate()
            self.redis.wait()
        if self.data:
            self.postgresql("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")


def start_peers(servers, programs, size):
    """Those that there are; for the others a line says why not."""
    places = {"sqlite": lambda: servers.folder, "postgresql": servers.start_postgresql,
              "redis": servers.start_redis, "raw": lambda: servers.folder}
    peers = {}
    for name, place in places.items():
        program = programs / f"w5_{name}"
        try:
            if not program.exists():
                raise RuntimeError("it could not be built here")
            peers[name] = Program(program, str(place()), str(size))
        except (OSError, KeyError, RuntimeError, subprocess.SubprocessError) as error:
            emit(workload="W5", who=name, not_run=str(error))
    return peers


def spread(values):
    return [min(values), max(values)]


def measure(batch, ours, peers, rounds, seconds):
    turns = {name: [] for name in ["ours", ENCODE, *peers]}
    loads = []
    for turn in range(-1, rounds):  # the first warms up
        for name in turns:
            loads.append(os.getloadavg()[0])
            if name in peers:
                result = peers[name].commit(batch, seconds, "ready")
            else:
                result = ours.commit(batch, seconds, ENCODE if name == ENCODE else "ready")
            if turn >= 0:
                turns[name].append(result)
    for name, results in turns.items():
        labels = {"workload": "W5", "case": str(batch) + ("-encode" if name == ENCODE else "")}
        if name in peers:
            labels["peer"] = name
        for metric, place in [("events_per_second", 0), ("commit_p50_us", 1), ("commit_p99_us", 2)]:
            values = [result[place] for result in results]
            emit(**labels, metric=metric, value=statistics.median(values), spread=spread(values))
        if name not in ("ours", ENCODE):
            ratios = [theirs[0] / mine[0] for theirs, mine in zip(results, turns["ours"])]
            emit(**labels, metric="time_ratio", value=round(statistics.median(ratios), 4),
                 spread=[round(end, 4) for end in spread(ratios)])
    emit(workload="W5", case=str(batch), metric="load", value=round(statistics.mean(loads), 2),
         spread=spread(loads))


def main():
    if len(sys.argv) < 6:
        sys.exit("usage: journal.py FOLDER PROGRAMS ROUNDS SECONDS OURS...")
    programs, rounds, seconds = pathlib.Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="w5-", dir=sys.argv[1]))
    folder.chmod(0o755)  # the user of the database's server has to get through
    servers, started = Servers(folder), []
    try:
        emit(workload="W5", case="machine", metric="nice", value=priority())
        ours = Program(*sys.argv[5:], str(folder / "journal"))
        started.append(ours)
        size = int(ours.ready[1])
        emit(workload="W5", case="1000", metric="bytes_per_event", value=size)
        peers = start_peers(servers, programs, size)
        started += peers.values()
        for batch in BATCHES:
            measure(batch, ours, peers, rounds, seconds)
    finally:
        for program in started:
            program.close()
        servers.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
