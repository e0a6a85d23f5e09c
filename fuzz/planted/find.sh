#!/usr/bin/env bash
# find.sh [TIMES]: shows that guidance works: how long Go's engine takes for the bug behind four messages, a long one and a
# wrong reserved byte, and libFuzzer for the one behind four bytes, each TIMES times (default 5) from nothing, on one
# processor. Fails if a bug is not found within 60 seconds. Needs clang.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -c -tags planted -o "$work/native" -gcflags="$(go list -m)/...=-d=libfuzzer -l" ./fuzz/planted
OIZYS_PLANTED=1 fuzz/libfuzzer/build.sh "$work/libfuzzer"
cd "$work"
TIMEFORMAT='%1R s, of the processor %1U s'

# found WORDS COMMAND…: runs what must fail with these words, and says how long it took.
found() {
    local words=$1
    shift
    if { time timeout 60 "$@" >out 2>&1 </dev/null; } 2>took || ! grep -q "$words" out; then
        tail -n 20 out
        echo 'not found'
        return 1
    fi
    inputs=$(sed -n 's/^#\([0-9]*\).*/\1/p' out | tail -n 1) # Said by libFuzzer only.
    printf '    %s%s\n' "$(tail -n 1 took)" "${inputs:+, after $inputs inputs}"
}

echo "Go's engine, the bug behind a sequence of messages:"
for _ in $(seq "${1:-5}"); do
    GOMAXPROCS=1 found 'Failing input' ./native -test.run '^$' -test.fuzz '^FuzzPlantedScript$' -test.parallel 1 \
        -test.fuzzminimizetime 100x -test.fuzzcachedir "$(mktemp -d -p .)"
    rm -r testdata
done
echo 'libFuzzer, the bug behind four bytes:'
for seed in $(seq "${1:-5}"); do
    found 'finding: the planted bug' libfuzzer/planted-magic -seed="$seed" -max_len=64 -artifact_prefix=./
done
