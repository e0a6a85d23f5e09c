#!/usr/bin/env bash
# build.sh OUT: builds the targets for libFuzzer into the folder OUT, each with its seeds (NAME_seed_corpus.zip) and its
# dictionary (NAME.dict). In an image of ClusterFuzzLite or OSS-Fuzz the compiler, its flags and the engine are taken from
# the environment; elsewhere clang is needed, with its fuzzer runtime (on Debian the packages clang and libclang-rt-dev).
#
# With OIZYS_PLANTED set, the targets with bugs on purpose are built too (fuzz/planted); never for a fleet.
set -euo pipefail
out=$(mkdir -p "${1:?use: build.sh OUT}" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/corpus" ./fuzz/corpus
CGO_ENABLED=1 go build -tags libfuzzer -buildmode=c-archive -gcflags="$(go list -m)/...=-d=libfuzzer" -o "$work/targets.a" ./fuzz/libfuzzer
# shellcheck disable=SC2086 # flags are words
${CXX:-clang} ${CXXFLAGS:-} ${LIB_FUZZING_ENGINE:--fsanitize=fuzzer} "$work/targets.a" -o "$work/targets" -lpthread -lresolv

"$work/corpus" seeds "$out"
names=$("$work/corpus" targets)
if [ -n "${OIZYS_PLANTED:-}" ]; then
    names="$names planted-script planted-magic"
fi
for name in $names; do # One program holds all targets, and runs the one that its file is named after.
    cp "$work/targets" "$out/$name"
done
