"""Event to effect of a node, in turn with the least that the same threads take on this machine.

Usage: effects.py FOLDER PROGRAMS EVENTS_PER_SECOND SECONDS ROUNDS OURS...

PROGRAMS holds effects_floor; OURS is the command that RATE, SECONDS and 1 (round) are appended to. In each round ours and the
floor run one after the other, with threads of equal rank and with a writer that goes first. Prints one JSON object per line: medians
of the rounds with the smallest and largest, what share of the time the machine was taken away (`steal_percent`), and of each round
ours over the floor.
"""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

METRICS = ["p50_us", "p99_us", "p999_us", "max_us"]
CASES = ["plain", "real-time"]
GROUP = 20  # events that are handed over at a time, as in NodeWorkload.swift


def emit(**fields):
    print(json.dumps(fields), flush=True)


def processor_times():
    """Ticks that passed on all processors, and those that the machine was not there."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(word) for word in file.readline().split()[1:9]]
    return sum(ticks), ticks[7]


def our_round(command, folder, rate, seconds):
    done = subprocess.run([*command, str(folder), str(rate), str(seconds), "1"], check=True,
                          stdout=subprocess.PIPE, text=True)
    shutil.rmtree(folder, ignore_errors=True)
    for rest in folder.parent.glob(folder.name + "-*"):
        shutil.rmtree(rest)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {(line["case"], line["metric"]): line["value"] for line in lines}


def floor_round(program, folder, rate, seconds):
    values = {}
    for case in CASES:
        done = subprocess.run([program, str(folder), str(rate // GROUP), str(seconds), case], check=True,
                              stdout=subprocess.PIPE, text=True)
        values |= {(case, metric): float(word) for metric, word in zip(METRICS, done.stdout.split())}
    return values


def tell(rounds, **labels):
    for case, metric in rounds[0]:
        values = [values[case, metric] for values in rounds]
        emit(workload="effects", case=case, **labels, metric=metric, value=statistics.median(values),
             spread=[min(values), max(values)])


def main():
    if len(sys.argv) < 7:
        sys.exit("usage: effects.py FOLDER PROGRAMS EVENTS_PER_SECOND SECONDS ROUNDS OURS...")
    folder, programs, rate, seconds = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    ours, floors, steal = [], [], []
    for _ in range(int(sys.argv[5])):
        before = processor_times()
        ours.append(our_round(sys.argv[6:], folder / "effects", rate, seconds))
        floors.append(floor_round(programs / "effects_floor", folder, rate, seconds))
        after = processor_times()
        steal.append(round(100 * (after[1] - before[1]) / (after[0] - before[0]), 3))
    tell(ours)
    tell(floors, peer="floor")
    for case in CASES:
        ratios = [round(floor[case, "p999_us"] / mine[case, "p999_us"], 4) for mine, floor in zip(ours, floors)]
        emit(workload="effects", case=case, peer="floor", metric="p999_ratio", value=statistics.median(ratios),
             spread=[min(ratios), max(ratios)])
    emit(workload="effects", case="machine", metric="steal_percent", value=statistics.median(steal),
         spread=[min(steal), max(steal)])


if __name__ == "__main__":
    main()
