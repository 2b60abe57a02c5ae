#!/usr/bin/env bash
# W1 (exact sweep) and W3 (events): ours and the peers, in one run on the same inputs, and the
# allocations of ours. Exit 1: an answer differs, or a mark allocates.
# Usage: scripts/bench.sh [--small]
#   PYTHON=...         a Python that has numpy, and polars and duckdb if they are to run
#   BENCH_SCRATCH=...  where to build
set -euo pipefail
cd "$(dirname "$0")/.."

peers=../shared/bench
data=$PWD/.bench-data
scratch=${BENCH_SCRATCH:-$PWD/Benchmarks/.build}
ours=$scratch/release/plimsoll-bench
small=()
[[ ${1:-} != --small ]] || small=(--small)

if [[ ! -f Benchmarks/Package.swift ]]; then
    echo 'bench: Benchmarks/Package.swift is missing: there is nothing to measure.' >&2
    exit 1
fi
swift build -c release --package-path Benchmarks --scratch-path "$scratch" --product plimsoll-bench

python=
for candidate in "${PYTHON:-}" "$PWD/.build/bench-venv/bin/python" python3 /usr/bin/python3; do
    if [[ -n $candidate ]] && "$candidate" -c 'import numpy' 2>/dev/null; then
        python=$candidate
        break
    fi
done

machine() {
    local model
    model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
    echo "machine: ${model:-unknown}, $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)" \
        "$1, times are of one thread's processor time"
}

mkdir -p "$data"
status=0
machine 'at the start'
if [[ -f $peers/run.sh && -n $python ]]; then
    for package in numpy polars duckdb nautilus_trader; do
        "$python" -c "import $package" 2>/dev/null ||
            echo "bench: $package is not installed: not run. An import error below is its own."
    done
    lines=$data${small:+/small}
    for workload in w1 w3; do
        echo
        echo "== $workload =="
        sh "$peers/run.sh" "$workload" --data "$data" --python "$python" --ours "$ours" \
            "${small[@]}" || status=1
    done
    echo
    echo '== summary =='
    "$python" scripts/bench-summary.py "$lines/w1.jsonl" "$lines/w3.jsonl" || status=1
else
    [[ -f $peers/run.sh ]] || echo "bench: the peers are absent ($peers/run.sh is missing)."
    [[ -n $python ]] || echo 'bench: no Python with numpy, which writes the input of the peers.'
    echo 'bench: ours alone, on input of its own: no ratio, and no answer to compare with.'
    "$ours" --sample "$data/sample" 50000
    "$ours" "$data/sample" w1
    "$ours" "$data/sample" w3
fi
echo
echo '== allocations =='
"$ours" alloc || status=1
machine 'at the end'
exit "$status"
