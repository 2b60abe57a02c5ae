#!/usr/bin/env bash
# The same event file gives the same digest in debug and in release, in any process;
# and the generator writes the same bytes in both.
# The release side is built where scripts/instructions.sh builds, so that it is built once.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for product in plimsoll october-book; do swift build --product "$product"; done
for product in plimsoll-bench october-book; do
    swift build -c release --package-path Benchmarks --scratch-path Benchmarks/.build \
        --product "$product"
done
debug=.build/debug release=Benchmarks/.build/release

for build in "$debug" "$release"; do
    "$build/october-book" --seed 7 --accounts 200 \
        --from 2025-10-10T20:50Z --to 2025-10-10T21:30Z --output "$folder/${build##*/}.ndjson"
done
cmp "$folder/debug.ndjson" "$folder/release.ndjson"

in_debug=$("$debug/plimsoll" replay "$folder/debug.ndjson" | sed -n 's/^digest //p')
in_release=$("$release/plimsoll-bench" digest "$folder/debug.ndjson")
again=$("$release/plimsoll-bench" digest "$folder/debug.ndjson")

if [[ -z $in_debug || $in_debug != "$in_release" || $in_release != "$again" ]]; then
    echo "digest parity: debug '$in_debug', release '$in_release', release again '$again'." >&2
    exit 1
fi
echo "digest parity: $in_debug in debug and release"
