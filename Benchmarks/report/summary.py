"""Compares the answers of one run, prints a table, and writes one JSON object per line.

Usage: summary.py LINES RESULTS WORKLOAD...

LINES holds what the programs printed, one file per workload (w1.jsonl), and shared-w1.jsonl and so
on where a second set of peers ran as a cross-check. RESULTS gets the JSON lines; lines of workloads
that did not run this time stay in it. ../peers/README.md explains both forms.
Exit 1: an answer differs from another that it has to equal.
"""
import json
import pathlib
import statistics
import sys

from goals import (FIGURES, TIME_RATIO, W3_EVENTS_PER_SECOND,
                   W3_P99_NS)

OURS = "ours"
UNITS = {"W1": "positions", "W2": "events", "W3": "events"}
EXACT_TOLERANCE = 1e-3  # W3: ours is exact, the peers cut off at 10⁻⁶
CROSS_CHECK_TOLERANCE = 0.25
ALL_THRESHOLDS = "-all-thresholds"
PERCENTILES = {"p50": "p50_ns", "p99": "p99_ns", "p99.9": "p999_ns"}
NOT_A_FIGURE = {"bench", "who", "case", "cpu_ms", "wall_ms", "us_per_tick", "per_s", "runs", "ticks",
                "events", "accounts", "prefix_ticks", "holders_per_tick", "breaches",
                "down_at_prefix", "down_at_end", "breach_checks", "wallet_sum",
                "breach_checks_exact", "wallet_sum_exact"}

# The shared programs name themselves by a sentence; these begin the ones that are compared.
SHARED = {
    "W1": {"w1 C scalar, bracket search, 18 B/pos": "c-plain",
           "w1 C exact fixed point, folded rows": "c-exact",
           "w1 C exact fixed point folded, accounts grouped": "c-exact-grouped"},
    "W2": {"w2 C scan": "c-scan"},
    "W3": {"w3 C++ std::unordered_map of unordered_map, exact int": "cpp-unordered-map"},
}
NAUTILUS = "fill -> balances + position + maintenance margin + check"


class Row:
    """What one program said about one case: times per unit, answers, other figures."""

    def __init__(self, workload, fields):
        self.fields = fields
        self.workload = workload
        self.bench = fields.get("bench", "")
        self.who = fields.get("who", "")
        self.case = case_name(workload, fields)
        self.times = fields.get("cpu_ms") or fields.get("us_per_tick")

    @property
    def is_timed(self):
        return bool(self.times) and "per_s" in self.fields

    @property
    def seconds(self):
        """Smallest, median and largest time per unit."""
        per_unit = 1 / self.fields["per_s"]
        return [time / self.times[1] * per_unit for time in self.times]


def case_name(workload, fields):
    case = fields.get("case", "")
    if workload == "W1":
        return "sweep"
    if workload == "W3":
        return "stream"
    if workload == "W2":
        name = case.removeprefix("w2 ")
        everything = name.endswith(" all thresholds")
        name = name.removesuffix(" all thresholds").removeprefix("top ").replace(" ", "-")
        return name + (ALL_THRESHOLDS if everything else "")
    return case or str(fields.get("accounts", "all"))


def read_rows(path, workload):
    if not path.is_file():
        return []
    rows = []
    for line in path.read_text().splitlines():
        if line.startswith("{"):
            rows.append(Row(workload, json.loads(line)))
    return rows


def pooled(rows):
    """Rows of programs that had several turns become one: all runs count alike."""
    result, seen = [], {}
    for row in rows:
        key = (row.who, row.case, row.bench)
        if row.who and row.is_timed and key in seen:
            seen[key].append(row)
        else:
            seen[key] = [row]
            result.append(row)
    for turns in seen.values():
        if len(turns) > 1:
            row, times = turns[0], [turn.times for turn in turns]
            scale = row.fields["per_s"] * row.times[1]
            row.times = [min(t[0] for t in times), statistics.mean(t[1] for t in times),
                         max(t[2] for t in times)]
            row.fields["per_s"] = scale / row.times[1]
            row.fields["runs"] = sum(turn.fields["runs"] for turn in turns)
    return result


def goal_text(line, value):
    must, stretch = TIME_RATIO.get(line, (None, None))
    if must is None:
        return ""
    text = f"{must:.3g}: {'reached' if value <= must else 'MISSED'}"
    if stretch is not None:
        text += f"; stretch {stretch:.3g}: {'reached' if value <= stretch else 'missed'}"
    return text


def significant(value):
    return float(f"{value:.4g}")


def shown(value):
    """Four digits at least, and never an exponent."""
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}"


class Report:
    def __init__(self):
        self.results = []
        self.differences = []

    def result(self, workload, case, metric, value, spread=None, peer=None, **more):
        fields = {"workload": workload, "case": case}
        if peer:
            fields["peer"] = peer
        fields |= {"metric": metric, "value": significant(value)}
        if spread is not None:
            fields["spread"] = [significant(end) for end in spread]
        self.results.append(fields | more)

    # Answers

    def compare(self, what, answers):
        """`answers`: pairs of who and answer, which must all be equal."""
        if len({answer for _, answer in answers}) > 1:
            told = ", ".join(f"{who} {answer}" for who, answer in answers)
            self.differences.append(f"{what}: {told}")
            print(f"  DIFFERS  {what}: {told}")
        elif len(answers) > 1:
            print(f"  equal    {what}: {answers[0][1]} ({len(answers)} programs)")

    def compare_answers(self, workload, rows, nearly=True):
        if workload == "W1":
            self.compare("W1 breaches", [(row.who or row.bench, row.fields["breaches"])
                                         for row in rows if "breaches" in row.fields])
        elif workload == "W2":
            cases = dict.fromkeys(row.case.removesuffix(ALL_THRESHOLDS) for row in rows)
            for case in cases:
                of_case = [row for row in rows if row.case.removesuffix(ALL_THRESHOLDS) == case]
                for field in ("down_at_end", "down_at_prefix"):
                    self.compare(f"W2 {case} {field}",
                                 [(row.who or row.bench, row.fields[field])
                                  for row in of_case if field in row.fields])
        elif workload == "W3":
            for field in ("breach_checks", "wallet_sum"):
                peers = [(row.who or row.bench, row.fields[field])
                         for row in rows if field in row.fields]
                self.compare(f"W3 {field}", peers)
                exact = {row.fields[field + "_exact"]
                         for row in rows if field + "_exact" in row.fields}
                if nearly and peers:
                    for answer in sorted(exact):
                        self.compare_nearly(field, answer, *peers[0])
        else:
            for case in dict.fromkeys(row.case for row in rows):
                self.compare(f"{workload} {case} down_at_end",
                             [(row.who or row.fields.get("peer", OURS), row.fields["down_at_end"])
                              for row in rows if row.case == case and "down_at_end" in row.fields])

    def compare_nearly(self, field, mine, who, theirs):
        apart = abs(mine - theirs) / max(1, abs(theirs))
        text = f"W3 {field}: ours exactly {mine}, {who} {theirs}, apart by {apart:.1g}"
        if apart > EXACT_TOLERANCE:
            self.differences.append(text)
            print(f"  DIFFERS  {text}, more than {EXACT_TOLERANCE}")
        else:
            print(f"  near     {text}")

    # Times

    def time_ratio(self, ours, peer):
        """Ours ÷ the peer's, by medians; the spread is our fastest and slowest run ÷ its median."""
        theirs = peer.seconds[1]
        fastest, middle, slowest = (time / theirs for time in ours.seconds)
        return middle, [fastest, slowest]

    def tabulate(self, workload, rows):
        timed = pooled([row for row in rows if row.is_timed and row.who])
        for case in dict.fromkeys(row.case for row in timed):
            base = case.removesuffix(ALL_THRESHOLDS)
            ours = next((row for row in timed if row.who == OURS and row.case == case), None)
            peers = [row for row in timed if row.who != OURS and row.case == base]
            self.tabulate_case(workload, case, ours, peers, repeats=case != base)
        for row in rows:
            reason = row.fields.get("not_run") or row.fields.get("failed")
            if reason:
                print(f"  {row.who or row.bench}: not run: {reason}")

    def tabulate_case(self, workload, case, ours, peers, repeats):
        unit = UNITS.get(workload, "events")
        time_unit = "µs per tick" if workload == "W2" else "ms"
        print(f"\n  {workload + ' ' + case:<28} {time_unit:>26}   {unit + '/s':>12}   "
              f"{'our time ÷ its time':<30}   goal")
        for row in sorted([ours, *peers] if ours else peers, key=lambda row: row.seconds[1]):
            times = " / ".join(shown(time) for time in row.times)
            line = f"  {'>' if row is ours else ' '} {row.who:<26} {times:>26}   " \
                   f"{shown(row.fields['per_s']):>12}"
            if row is not ours:
                if not repeats:
                    self.figures(workload, case, row, unit)
                if ours:
                    line += self.ratio_text(workload, case, ours, row)
            print(line.rstrip())
        if ours:
            self.figures(workload, case, ours, unit)

    def ratio_text(self, workload, case, ours, peer):
        value, spread = self.time_ratio(ours, peer)
        self.result(workload, case, "time_ratio", value, spread, peer=peer.who)
        text = f"   {value:.3g} ({spread[0]:.3g} to {spread[1]:.3g})".ljust(33) + "   "
        return text + goal_text((workload, case, peer.who), value)

    def figures(self, workload, case, row, unit):
        fastest, middle, slowest = row.seconds
        peer = None if row.who == OURS else row.who
        self.result(workload, case, f"{unit}_per_second", 1 / middle, [1 / slowest, 1 / fastest],
                    peer=peer)
        if workload == "W2":
            self.result(workload, case, "us_per_tick", row.times[1], [row.times[0], row.times[2]],
                        peer=peer)
        if (workload, case, peer) == ("W3", "stream", None):
            verdict = "reached" if 1 / middle >= W3_EVENTS_PER_SECOND else "MISSED"
            print(f"  goal of {W3_EVENTS_PER_SECOND:,} events/s: {verdict}")

    def pass_through(self, workload, rows):
        """Figures that have no time of their own: percentiles, counts, and whole result lines."""
        figures = {}
        for row in rows:
            if "metric" in row.fields:
                self.results.append(row.fields)
                continue
            if not row.who or "not_run" in row.fields:
                continue
            peer = None if row.who == OURS else row.who
            for name, value in row.fields.items():
                if name not in NOT_A_FIGURE and isinstance(value, (int, float)):
                    turns = figures.setdefault((peer, row.case), {})
                    turns.setdefault(PERCENTILES.get(name, name), []).append(value)
        for (peer, case), metrics in figures.items():
            told = []
            for metric, turns in metrics.items():
                spread = [min(turns), max(turns)] if len(turns) > 1 else None
                self.result(workload, case, metric, statistics.mean(turns), spread, peer=peer)
                told.append(f"{metric} {statistics.mean(turns):,.6g}")
            print(f"  {peer or OURS}, {workload} {case}: {', '.join(told)}")
        p99 = figures.get((None, "stream"), {}).get("p99_ns")
        if p99:
            verdict = "reached" if statistics.mean(p99) <= W3_P99_NS else "MISSED"
            print(f"  goal of {W3_P99_NS:,} ns at p99: {verdict}")

    def tabulate_lines(self, workload, rows):
        """Lines that came in the form of results already."""
        for row in rows:
            fields = row.fields
            if "metric" in fields:
                spread = fields.get("spread")
                shown = f" ({spread[0]:,.4g} to {spread[1]:,.4g})" if spread else ""
                line = (f"  {fields.get('peer', OURS):<12} {workload} {fields.get('case', ''):<10} "
                        f"{fields['metric']} {fields['value']:,.4g}{shown}")
                if fields["metric"] == "time_ratio":
                    line += "   " + goal_text((workload, fields["case"], fields["peer"]),
                                              fields["value"])
                goal = FIGURES.get((workload, fields["case"], fields["metric"]))
                if goal and "peer" not in fields:
                    end, limit = goal
                    reached = fields["value"] >= limit if end == "least" \
                        else fields["value"] <= limit
                    line += f"   at {end} {limit:,}: {'reached' if reached else 'MISSED'}"
                print(line.rstrip())

    def cross_check(self, workload, rows, shared):
        """Times of our peers and of the shared programs for the same work on the same input."""
        if workload == "W1":  # they read the input of the run itself
            shared = [row for row in rows if row.is_timed and row.who != OURS] + shared
        known = SHARED.get(workload, {})
        others = {}
        for row in shared:
            for start, who in known.items():
                if row.is_timed and not row.who and row.bench.startswith(start):
                    others[who, row.case] = row
        if not others:
            return
        print(f"\n  {workload} cross-check: time of the peer in shared/bench ÷ time of this one")
        self.compare_answers(workload, [row for row in shared if row.who != OURS], nearly=False)
        for row in pooled([row for row in shared if row.is_timed and row.who]):
            other = others.get((row.who, row.case))
            if not other:
                continue
            value = row.seconds[1] / other.seconds[1]
            self.result(workload, row.case, "peer_time_to_shared", value,
                        [row.seconds[0] / other.seconds[1], row.seconds[2] / other.seconds[1]],
                        peer=row.who)
            ratio = next((result["value"] for result in self.results
                          if result["metric"] == "time_ratio" and result.get("peer") == row.who
                          and (result["workload"], result["case"]) == (workload, row.case)), None)
            ratios = f"ratio {ratio:.3g} here, {ratio * value:.3g} by theirs, " if ratio else ""
            if max(value, 1 / value) - 1 <= CROSS_CHECK_TOLERANCE:
                verdict = f"agree within {CROSS_CHECK_TOLERANCE:.0%}"
            else:
                verdict = "this peer is the faster one" if value < 1 else "THIS PEER IS SLOWER"
            print(f"  {row.case:<12} {row.who:<20} {1 / value:.2f}: {ratios}{verdict}")


def nautilus_row(rows):
    for row in rows:
        if NAUTILUS in row.bench and row.is_timed:
            row.who = "nautilus"
            return [row]
    return []


def kept_results(path, workloads):
    """Earlier results of the workloads that did not run this time."""
    if not path.is_file():
        return []
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["workload"] not in workloads]


def as_line(result):
    return json.dumps(result, separators=(",", ":"))


def main():
    if len(sys.argv) < 4:
        sys.exit("usage: summary.py LINES RESULTS WORKLOAD...")
    lines, results = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    report, names = Report(), set()
    for argument in sys.argv[3:]:
        workload = argument.upper() if argument in ("w1", "w2", "w3", "w5") else argument
        names.add(workload)
        rows = read_rows(lines / f"{argument}.jsonl", workload)
        shared = read_rows(lines / f"shared-{argument}.jsonl", workload)
        print(f"\n== {workload} ==")
        loads = [row.fields["load"] for row in rows if "load" in row.fields]
        if loads:
            report.result(workload, "machine", "load", statistics.mean(loads),
                          [min(loads), max(loads)])
        rows += nautilus_row(shared)
        if not any(row.who == OURS or "metric" in row.fields and "peer" not in row.fields
                   for row in rows):
            print("  ours: not run")
        report.compare_answers(workload, rows)
        report.tabulate_lines(workload, rows)
        if workload in UNITS:
            report.tabulate(workload, rows)
        report.pass_through(workload, rows)
        report.cross_check(workload, rows, shared)

    print("\n== results ==")
    for result in report.results:
        print(as_line(result))
    kept = kept_results(results, names)
    results.write_text("".join(as_line(result) + "\n" for result in kept + report.results))
    print(f"\nresults: {results}")
    if report.differences:
        sys.exit("bench: answers differ:\n  " + "\n  ".join(report.differences))


if __name__ == "__main__":
    main()
