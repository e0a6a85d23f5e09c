#!/usr/bin/env bash
# build.sh OUT: builds the targets for libFuzzer into the folder OUT, each with its seeds (NAME_seed_corpus.zip) and its
# dictionary (NAME.dict). In an OSS-Fuzz image the engine, compiler and flags are taken from its environment.
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."

archive=$(mktemp -d)
trap 'rm -rf "$archive"' EXIT
go build -tags libfuzzer -buildmode=c-archive -gcflags='github.com/oizys-protocol/oizys/...=-d=libfuzzer' \
    -o "$archive/targets.a" ./fuzz/libfuzzer
# shellcheck disable=SC2086 # flags are words
${CXX:-clang} ${CXXFLAGS:-} ${LIB_FUZZING_ENGINE:--fsanitize=fuzzer} "$archive/targets.a" -o "$archive/targets" -lpthread -lresolv
go run ./fuzz/corpus seeds "$out"
while read -r name; do
    cp "$archive/targets" "$out/$name"
done < <(go run ./fuzz/corpus targets)
if [ -n "${OIZYS_PLANTED:-}" ]; then # For the test that guidance works; never in a fleet.
    cp "$archive/targets" "$out/planted-magic"
    cp "$archive/targets" "$out/planted-script"
fi
