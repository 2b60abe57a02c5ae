#!/usr/bin/env bash
# Instructions per mark and per fill in release, counted by callgrind: unlike times they do not
# depend on what else the machine does. Exit 1: one is above its limit, or copies the ledger.
# Usage: scripts/instructions.sh
set -euo pipefail
cd "$(dirname "$0")/.."

# What was measured plus a twentieth. A change that needs more says why, and moves the limit.
declare -A limit=([marks]=5200 [fills]=3550)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
swift build -c release --package-path Benchmarks --scratch-path Benchmarks/.build \
    --product plimsoll-bench

# Valgrind 3.19 cannot read the debugging information of the C in swift-crypto; symbols are enough.
strip --strip-debug -o "$folder/plimsoll-bench" Benchmarks/.build/release/plimsoll-bench

status=0
for events in marks fills; do
    valgrind --tool=callgrind --callgrind-out-file="$folder/out" \
        --toggle-collect='*AllocationCheck*count*' \
        "$folder/plimsoll-bench" alloc "$events" \
        >"$folder/answer" 2>"$folder/messages" || { cat "$folder/messages" >&2; exit 1; }
    total=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$folder/messages")
    count=$(sed -n 's/.*"events":\([0-9]*\).*/\1/p' "$folder/answer")
    each=$((${total:-0} / ${count:-1}))
    if [[ $each -eq 0 ]]; then
        echo "instructions: nothing was counted for $events." >&2
        exit 1
    fi
    echo "instructions per event, $events: $each, limit ${limit[$events]}"
    if grep -q '6LedgerVWOc' "$folder/out"; then
        echo "instructions: $events copy the ledger; see Ledger.byAddress." >&2
        status=1
    fi
    if [[ $each -gt ${limit[$events]} ]]; then
        echo "instructions: $events cost more than their limit in scripts/instructions.sh." >&2
        status=1
    fi
done
exit "$status"
