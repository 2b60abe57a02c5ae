#!/usr/bin/env bash
# Ours and the peers in one run on the same input: a table, then one JSON object per line.
# Exit 1: an answer differs, one of our programs failed, or a mark allocates.
# Usage: scripts/bench.sh [--small] [--only=LIST] [--no-cross-check] [--plots]
#   --small           a reduced size, in under a minute; its figures are no measurement
#   --only=w1,w2      some of: w1 w2 w3 w5 recovery effects scaling storm funding alloc memory
#   --no-cross-check  without the programs of ../shared/bench, and so without NautilusTrader
#   --plots           also draws docs/performance/*.svg from the results
#   PYTHON=...         a Python that has numpy, and polars and duckdb if they are to run
#   BENCH_SCRATCH=...  where to build ours
#   BENCH_OURS=...     a plimsoll-bench that is built already
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'bench: %s\n' "$*" >&2; exit 2; }
say() { printf 'bench: %s\n' "$*" >&2; }

all=(w1 w2 w3 w5 recovery effects scaling storm funding alloc memory)
workloads=("${all[@]}")
size=full
cross_check=yes
plots=no
for argument in "$@"; do
    case $argument in
        --small) size=small ;;
        --only=*) IFS=, read -ra workloads <<<"${argument#--only=}" ;;
        --no-cross-check) cross_check=no ;;
        --plots) plots=yes ;;
        *) fail "'$argument' is not an option; the head of scripts/bench.sh lists them." ;;
    esac
done
for workload in "${workloads[@]}"; do
    [[ " ${all[*]} " == *" $workload "* ]] ||
        fail "'$workload' is not a workload. There are: ${all[*]}."
done

data=$PWD/.bench-data/$size
lines=$data/lines
programs=$PWD/.bench-data/programs
results=$PWD/.bench-data/results.jsonl
accounts=1000000 ticks=1000
input=()
storm=100000
# W5: rounds, and seconds of each program in a round; and how many fills a journal holds at a start.
# And how many events a second a node is given, for how many seconds, and how often.
rounds=9 seconds=0.5 fills=10000000 rate=200000 duration=8 turns=7
if [[ $size == small ]]; then
    accounts=20000 ticks=200 storm=10000
    rounds=3 seconds=0.1 fills=100000 duration=1 turns=1
    # Small figures must not take the place of measured ones.
    results=$data/results.jsonl
    input=(--accounts 20000 --ticks 200 --w3-accounts 2000 --w3-events 20000 --scaling-to 100000)
else
    input=(--accounts "$accounts" --ticks "$ticks" --scaling-to 10000000)
fi
shared=../shared/bench
[[ $cross_check == yes && -f $shared/w1.c ]] || shared=
mkdir -p "$lines" "$programs"

# Ours

ours=${BENCH_OURS:-}
if [[ -z $ours ]]; then
    # For the processor at hand, as the peers in C are; apart from the build that counts instructions.
    scratch=${BENCH_SCRATCH:-$PWD/Benchmarks/.build/native}
    processor=$("${CC:-gcc}" -march=native -Q --help=target 2>/dev/null |
        awk '$1 == "-march=" { print $2 }')
    native=()
    if echo | swiftc -target-cpu "${processor:-unknown}" -typecheck - 2>/dev/null; then
        native=(-Xswiftc -target-cpu -Xswiftc "$processor")
    fi
    swift build -c release --package-path Benchmarks --scratch-path "$scratch" \
        --product plimsoll-bench "${native[@]}" >&2
    ours=$scratch/release/plimsoll-bench
fi

# The peers

compile() { "$@" || fail "a peer did not compile: $*"; }
optimise=(-O3 -march=native)
for peer in w1 w2; do
    compile "${CC:-gcc}" "${optimise[@]}" -Wall -Wextra -o "$programs/$peer" \
        "Benchmarks/peers/$peer.c" -lm
done
compile "${CXX:-g++}" "${optimise[@]}" -Wall -Wextra -std=c++20 -o "$programs/w3" \
    Benchmarks/peers/w3.cpp
# The peers of W5 need what setup.sh installs for benchmarks; one that cannot be built does not run.
compile "${CC:-gcc}" -O2 -Wall -Wextra -o "$programs/w5_raw" Benchmarks/peers/w5_raw.c
compile "${CC:-gcc}" -O2 -Wall -Wextra -pthread -o "$programs/effects_floor" Benchmarks/peers/effects_floor.c
compile "${CC:-gcc}" -O2 -Wall -Wextra -o "$programs/w5_redis" Benchmarks/peers/w5_redis.c
rm -f "$programs/w5_sqlite" "$programs/w5_postgresql"
"${CC:-gcc}" -O2 -Wall -Wextra -o "$programs/w5_sqlite" Benchmarks/peers/w5_sqlite.c \
    -lsqlite3 2>/dev/null || say 'libsqlite3-dev is not installed: SQLite is not run.'
"${CC:-gcc}" -O2 -Wall -Wextra -I"$(pg_config --includedir 2>/dev/null || echo .)" \
    -o "$programs/w5_postgresql" Benchmarks/peers/w5_postgresql.c -lpq 2>/dev/null ||
    say 'libpq-dev is not installed: PostgreSQL is not run.'
if [[ -n $shared ]]; then
    # Their sizes are compiled in. A hundred ticks are enough to compare two programs.
    sizes=(-w "-DACCOUNTS=$accounts" -DTICKS=100)
    compile "${CC:-gcc}" "${optimise[@]}" "${sizes[@]}" -ffp-contract=fast \
        -o "$programs/shared-w1" "$shared/w1.c" -lm
    compile "${CC:-gcc}" "${optimise[@]}" "${sizes[@]}" -o "$programs/shared-w2" \
        "$shared/w2_index.c" -lm
    stream=()
    [[ $size == full ]] || stream=(-DW3_ACCOUNTS=2000 -DW3_EVENTS=20000)
    compile "${CXX:-g++}" "${optimise[@]}" -std=c++20 -w "${stream[@]}" \
        -o "$programs/shared-w3" "$shared/w3.cpp"
fi

python=
for candidate in "${PYTHON:-}" "$PWD/.build/bench-venv/bin/python" python3 /usr/bin/python3; do
    if [[ -n $candidate ]] && "$candidate" -c 'import numpy' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[[ -n $python ]] ||
    fail 'no Python with numpy was found: it writes the input. Run: scripts/setup.sh bench'
# One thread each; and settings that choose an older kernel would slow numpy down.
peer_python() {
    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
        POLARS_MAX_THREADS=1 PYTHONDONTWRITEBYTECODE=1 "$python" "$@"
}

peer_python Benchmarks/peers/generate.py "$data" "${input[@]}" >&2

# The run

status=0
load() { cut -d' ' -f1 /proc/loadavg; }
machine() {
    local model
    model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
    echo "machine: ${model:-unknown}, $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)" \
        "$1; times are one thread's processor time (W5, recovery: what passed), smallest / median / largest"
}

# turn FILE COMMAND...: one program's turn; the JSON lines that it prints are added to FILE.
turn() {
    local file=$lines/$1.jsonl code=0
    shift
    printf '{"load":%s}\n' "$(load)" >>"$file"
    "$@" >"$lines/output" || code=$?
    grep '^{' "$lines/output" >>"$file" || true
    return "$code"
}
peer_turn() {
    turn "$@" && return
    say "a peer failed: ${*:2}"
    status=1
}
# our_turn FILE WORDS...: exit 2 of a workload that the program does not have yet is no failure.
our_turn() {
    local file=$1 code=0
    shift
    turn "$file" "$ours" "$@" 2>"$lines/messages" || code=$?
    grep -v 'usage:\|^ *plimsoll-bench ' "$lines/messages" >&2 || true
    [[ $code -eq 0 ]] && return
    if [[ $code -eq 2 ]] && grep -q 'usage:' "$lines/messages"; then
        say "plimsoll-bench does not know '$*': not run."
    else
        say "plimsoll-bench $* ended with $code."
        status=1
    fi
}

# The shared programs write tick and event files of their own, so they have a folder of their own.
theirs=$data/shared
if [[ -n $shared ]]; then
    rm -rf "$theirs"
    mkdir -p "$theirs"
    for name in acct inst qty entry wallet off mark mark2 rate ded floor; do
        ln "$data/$name.bin" "$theirs/$name.bin"
    done
fi

# The compiled peers of W1 and W3 have a turn before ours and one after: the machine may slow down.
run() {
    case $1 in
        w1)
            peer_turn w1 "$programs/w1" "$data"
            our_turn w1 "$data" w1
            peer_turn w1 "$programs/w1" "$data"
            peer_turn w1 peer_python Benchmarks/peers/sweep.py "$data"
            ;;
        w2)
            peer_turn w2 "$programs/w2" "$data"
            our_turn w2 "$data" w2
            peer_turn w2 peer_python Benchmarks/peers/ticks.py "$data"
            ;;
        w3)
            peer_turn w3 "$programs/w3" "$data"
            our_turn w3 "$data" w3
            peer_turn w3 "$programs/w3" "$data"
            ;;
        w5)
            peer_turn w5 "$python" Benchmarks/peers/journal.py "$data" "$programs" "$rounds" \
                "$seconds" "$ours" "$data" w5
            ;;
        recovery)
            rm -rf "$data/recovery"
            our_turn recovery "$data" recovery "$data/recovery" "$fills"
            rm -rf "$data/recovery"
            our_turn recovery "$data" node "$data/recovery" "$fills"
            rm -rf "$data/recovery"
            ;;
        effects)
            rm -rf "$data"/effects-*
            peer_turn effects "$python" Benchmarks/peers/effects.py "$data" "$programs" "$rate" \
                "$duration" "$turns" "$ours" "$data" effects
            rm -rf "$data"/effects-*
            ;;
        scaling)
            peer_turn scaling "$programs/w2" scaling "$data"
            our_turn scaling "$data" scaling
            ;;
        storm) our_turn storm storm "$storm" ;;
        funding) our_turn funding "$data" funding ;;
        alloc) our_turn alloc alloc ;;
        memory) our_turn memory "$data" memory ;;
    esac
}
# The shared programs on input that they write themselves (W1: on ours), and our peers on the same.
run_cross_check() {
    [[ -n $shared ]] || return 0
    case $1 in
        w1) peer_turn shared-w1 "$programs/shared-w1" "$theirs" ;;
        w2 | w3)
            peer_turn "shared-$1" "$programs/shared-$1" "$theirs"
            peer_turn "shared-$1" "$programs/$1" "$theirs"
            ;;
    esac
    [[ $1 == w3 ]] || return 0
    if peer_python -c 'import nautilus_trader' 2>/dev/null; then
        peer_turn shared-w3 peer_python "$shared/w3_nautilus.py" 2>"$lines/messages"
    else
        say 'nautilus_trader is not installed: not run.'
    fi
}

machine 'at the start'
start=$SECONDS
for workload in "${workloads[@]}"; do
    say "$workload, $((SECONDS - start)) s"
    rm -f "$lines/$workload.jsonl" "$lines/shared-$workload.jsonl"
    run "$workload"
    run_cross_check "$workload"
done
rm -f "$lines/output" "$lines/messages"

peer_python Benchmarks/report/summary.py "$lines" "$results" "${workloads[@]}" || status=1
machine 'at the end'
say "$((SECONDS - start)) s in all"
[[ $plots == no ]] || peer_python Benchmarks/report/plots.py "$results" docs/performance
exit "$status"
