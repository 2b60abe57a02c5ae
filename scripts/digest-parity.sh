#!/usr/bin/env bash
# The same event file gives the same digest in debug and in release, in any process;
# and the generator writes the same bytes in both.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for configuration in debug release; do
    for product in plimsoll october-book; do
        swift build -c "$configuration" --product "$product"
    done
    ".build/$configuration/october-book" --seed 7 --accounts 200 \
        --from 2025-10-10T20:50Z --to 2025-10-10T21:30Z \
        --output "$folder/$configuration.ndjson"
done
cmp "$folder/debug.ndjson" "$folder/release.ndjson"

digest() {
    ".build/$1/plimsoll" replay "$folder/debug.ndjson" 2>"$folder/errors" | sed -n 's/^digest //p'
}
debug=$(digest debug) || { cat "$folder/errors" >&2; exit 1; }
release=$(digest release) || { cat "$folder/errors" >&2; exit 1; }
again=$(digest release) || { cat "$folder/errors" >&2; exit 1; }

if [[ -z $debug || $debug != "$release" || $release != "$again" ]]; then
    echo "digest parity: debug '$debug', release '$release', release again '$again'." >&2
    exit 1
fi
echo "digest parity: $debug in debug and release"
