"""Compares our answers of W3 with the peers' and prints the ratios that are aimed at.

Usage: bench-summary.py W1.jsonl W3.jsonl        Exit 1: an answer is outside the tolerance.

The peers of W3 cut notional and cost off at 10^-6, ours are exact: sums of wallets and counts of
breaches may differ by 0.1 %. W1 has no tolerance: ratio.py of the peers has compared it already.
"""
import json
import sys

TOLERANCE = 1e-3


def rows(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines if line.startswith("{")]


def ours_and_peers(path):
    timed = [row for row in rows(path) if "per_s" in row and "runs" in row]
    ours = [row for row in timed if row.get("who") == "ours"]
    return (ours[0] if ours else None), [row for row in timed if row.get("who") != "ours"]


def best(peers, word):
    return max((row for row in peers if word in row["bench"]), key=lambda row: row["per_s"],
               default=None)


def ratio(label, unit, ours, peer, goal):
    if ours is None or peer is None:
        print(f"{label}: not run")
        return
    print(f"{label}: {ours['per_s'] / 1e6:.2f} M {unit}/s against {peer['per_s'] / 1e6:.2f} M, "
          f"{ours['per_s'] / peer['per_s']:.2f} times {peer['bench'][3:]}{goal}")


def main():
    failed = False
    ours, peers = ours_and_peers(sys.argv[1])
    ratio("W1", "positions", ours, best(peers, "numpy best"), " (goal of this stage: 2)")
    ratio("W1", "positions", ours, best(peers, "C exact fixed point, folded"), "")
    ours, peers = ours_and_peers(sys.argv[2])
    ratio("W3", "events", ours, best(peers, "unordered_map"), " (goal: 1 M events/s when quiet)")
    peer = best(peers, "unordered_map")
    if ours is None or peer is None:
        return 1
    for field in ("breach_checks", "wallet_sum"):
        mine, theirs = ours[field + "_exact"], peer[field]
        apart = abs(mine - theirs) / max(1, abs(theirs))
        verdict = "within" if apart <= TOLERANCE else "OUTSIDE"
        failed = failed or apart > TOLERANCE
        print(f"W3 {field}: exact {mine}, peers {theirs}, apart by {apart:.2g}: "
              f"{verdict} the tolerance of {TOLERANCE:.1%}")
    return 1 if failed else 0


sys.exit(main())
