#!/usr/bin/env bash
# rates.sh [--plain] [TIME [TARGET…]]: measures how many inputs a second each target, or those named, takes under Go's own
# engine, beside a target that does nothing, which is run before each one as much (default 200000x). Each begins with the
# checked-in seeds alone. --plain builds them as `go test -fuzz` does, and not as native.sh.
#
# Two rates: by the clock, which other programs on the machine slow down, and by the processor time that the engine and the
# target took together, both of all rounds. `of empty` is the latter over that of the empty target, the median of the rounds'.
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
    . fuzz/unwatched.sh
    # shellcheck disable=SC2086 # paths of packages are words
    go test -c -tags rates -o "$bin/" -gcflags="$module/...=-d=libfuzzer -l" "${unwatched[@]}" $packages
fi
time=${1:-200000x}
shift || true

# measure PACKAGE TARGET SEED: prints how many inputs it took, the seconds by the clock, and those of processor time.
measure() {
    local used
    TIMEFORMAT='%R %U %S'
    used=$(cd "$1" && { time GODEBUG=fuzzseed=$3 GOMAXPROCS=1 "$bin/$(basename "$1").test" -test.run '^$' -test.fuzz "^$2\$" \
        -test.fuzztime "$time" -test.fuzzminimizetime 10x -test.parallel 1 -test.fuzzcachedir "$(mktemp -d -p "$bin")" \
        >"$bin/out" 2>&1 </dev/null; } 2>&1) || {
        cat "$bin/out" >&2
        return 1
    }
    awk -v n="$(grep -o 'execs: [0-9]*' "$bin/out" | tail -n 1 | cut -d' ' -f2)" \
        '{ printf "%d %.3f %.3f ", n, $1, $2 + $3 }' <<<"$used"
}

# The machine's own speed may differ by half from second to second, and a target's by what the engine comes upon: each target
# and the empty one take turns, in each round with another seed of the engine's.
rounds=7
printf '%-12s %10s %12s %16s %10s\n' target inputs 'a second' 'a processor-s' 'of empty'
for package in $packages; do
    for target in $(cd "$package" && "$bin/$(basename "$package").test" -test.list '^Fuzz'); do
        [ $# -eq 0 ] || [[ " $* " == *" $target "* ]] || continue
        for ((round = 1; round <= rounds; round++)); do
            measure fuzz/rates FuzzEmpty "$round"
            measure "$package" "$target" "$round"
            echo
        done | awk '{ print ($4 / $6) / ($1 / $3), $4, $5, $6 }' | sort -n | awk -v name="${target#Fuzz}" '
            { ratio[NR] = $1; n += $2; clock += $3; processor += $4 }
            END { printf "%-12s %10d %12d %16d %10.2f\n", name, n, n / clock, n / processor, ratio[int((NR + 1) / 2)] }'
    done
done
