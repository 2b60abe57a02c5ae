#!/usr/bin/env bash
# W1 (exact sweep) and W3 (events): ours and the peers, in one run on the same inputs.
# Usage: scripts/bench.sh [--small]     PYTHON=... names a Python that has the peers' packages
set -euo pipefail
cd "$(dirname "$0")/.."

peers=../shared/bench
data=$PWD/.bench-data
ours=$PWD/Benchmarks/.build/release/plimsoll-bench

if [[ ! -f Benchmarks/Package.swift ]]; then
    echo 'bench: Benchmarks/Package.swift is missing: there is nothing to measure.' >&2
    exit 1
fi
swift build -c release --package-path Benchmarks --product plimsoll-bench

for python in "${PYTHON:-python3}" /usr/bin/python3; do
    "$python" -c 'import numpy' 2>/dev/null && break
done

mkdir -p "$data"
for workload in w1 w3; do
    echo
    echo "== $workload =="
    if [[ -f $peers/run.sh ]]; then
        sh "$peers/run.sh" "$workload" --data "$data" --python "$python" --ours "$ours" "$@"
    else
        echo "bench: the peers are not at hand ($peers/run.sh is missing): ours alone, no ratio."
        "$ours" "$data" "$workload"
    fi
done
