#!/usr/bin/env bash
# Generates Sources/PlimsollProto from proto/; run it after a change there and commit what it writes.
# It builds the generator of swift-protobuf first, which takes minutes, in .build/protoc-gen-swift.
# Usage: scripts/proto.sh
set -euo pipefail
cd "$(dirname "$0")/.."

command -v protoc >/dev/null || {
    echo "proto: protoc is missing. Install Debian's protobuf-compiler." >&2
    exit 1
}
swift package resolve
swift build -c release --package-path .build/checkouts/swift-protobuf \
    --scratch-path .build/protoc-gen-swift --product protoc-gen-swift
protoc -I proto --plugin=protoc-gen-swift=.build/protoc-gen-swift/release/protoc-gen-swift \
    --swift_opt=Visibility=Public --swift_opt=UseAccessLevelOnImports=true \
    --swift_opt=FileNaming=DropPath --swift_out=Sources/PlimsollProto proto/plimsoll/v1/*.proto
