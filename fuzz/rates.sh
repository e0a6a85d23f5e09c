#!/usr/bin/env bash
# rates.sh [--plain] [TIME]: measures how many inputs a second each target takes under Go's own engine, beside a target that
# does nothing, which is run before each one as much (default 200000x). Each begins with the checked-in seeds alone.
# --plain builds them as `go test -fuzz` does, and not as native.sh.
#
# Two rates: by the clock, which other programs on the machine slow down, and by the processor time that the engine and the
# target took together. `of empty` is the latter over that of the empty target, each the best of three rounds.
set -euo pipefail
cd "$(dirname "$0")/.."

packages="./fuzz/rates ./fuzz/target/stream ./fuzz/target/operations ./fuzz/target/golden ./fuzz/target/reports ./fuzz/target/config"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
if [ "${1:-}" = --plain ]; then
    shift
    for package in $packages; do
        go test -c -tags rates -fuzz Fuzz -o "$bin/$(basename "$package").test" "$package"
    done
else
    module=$(go list -m)
    # shellcheck disable=SC2086 # paths of packages are words
    go test -c -tags rates -o "$bin/" -gcflags="$module/...=-d=libfuzzer -l" \
        -gcflags="$module/impl/session/sessiontest=" -gcflags="$module/fuzz/target/operations=" $packages
fi
time=${1:-200000x}

# measure PACKAGE TARGET: prints how many inputs it took, by the clock a second, and by processor time a second.
measure() {
    local used execs
    TIMEFORMAT='%U %S'
    used=$(cd "$1" && { time GOMAXPROCS=1 "$bin/$(basename "$1").test" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "$time" \
        -test.fuzzminimizetime 10x -test.parallel 1 -test.fuzzcachedir "$(mktemp -d -p "$bin")" >"$bin/out" 2>&1 </dev/null; } 2>&1) || {
        cat "$bin/out" >&2
        return 1
    }
    execs=$(grep -o 'execs: [0-9]*' "$bin/out" | tail -n 1 | cut -d' ' -f2)
    seconds=$(grep 'execs:' "$bin/out" | tail -n 1 | sed 's/.*elapsed: \([0-9hm]*\)s.*/\1/')
    awk -v n="$execs" -v s="$seconds" -v used="$used" 'BEGIN { split(used, t, " "); printf "%d %.0f %.0f", n, n / (s ? s : 1), n / (t[1] + t[2]) }'
}

# The machine's own speed differs by half from second to second: each target and the empty one take turns, and the best of
# each counts, which is what the target costs when nothing is in its way.
rounds=3
printf '%-12s %10s %12s %16s %10s\n' target inputs 'a second' 'a processor-s' 'of empty'
for package in $packages; do
    for target in $(cd "$package" && "$bin/$(basename "$package").test" -test.list '^Fuzz'); do
        all=
        for ((round = 0; round < rounds; round++)); do
            all+="$(measure fuzz/rates FuzzEmpty | cut -d' ' -f3) $(measure "$package" "$target")"$'\n'
        done
        awk -v name="${target#Fuzz}" 'NF {
            n += $2
            if ($1 > empty) empty = $1
            if ($3 > clock) clock = $3
            if ($4 > processor) processor = $4
        } END { printf "%-12s %10d %12d %16d %10.2f\n", name, n, clock, processor, processor / empty }' <<<"$all"
    done
done
