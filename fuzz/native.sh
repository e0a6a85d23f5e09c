#!/usr/bin/env bash
# native.sh [-t TIME] [-j JOBS] [TARGET…]: runs fuzz targets under Go's own engine: those named, as FuzzDecoder, or all of the
# module's. TIME is for each, as `go test -fuzztime` takes it: 1m, or 5000x for a count, so that a slow machine does the
# same as a fast one (default 10s). JOBS is how many run side by side (default 1).
#
# It does what `go test -fuzz` does, several times as fast, because only the module's own code is built to be watched:
# what is built so is compared for each input, and the standard library is twenty times as much.
# Findings are put where Go puts them, in the package's testdata/fuzz, and the corpus in Go's cache.
set -euo pipefail
cd "$(dirname "$0")/.."

time=10s jobs=1
while getopts t:j: option; do
    case $option in
        t) time=$OPTARG ;;
        j) jobs=$OPTARG ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))

bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
cache=$(go env GOCACHE)/fuzz
module=$(go list -m)
export time bin cache

# Package and folder of those that have fuzz tests.
go list -f '{{range .TestGoFiles}}{{$.ImportPath}} {{$.Dir}} {{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$.ImportPath}} {{$.Dir}} {{.}}{{"\n"}}{{end}}' ./... |
    while read -r package folder file; do
        if grep -q '^func Fuzz' "$folder/$file"; then printf '%s %s\n' "$package" "$folder"; fi
    done | sort -u >"$bin/packages"
. fuzz/unwatched.sh
# shellcheck disable=SC2046 # paths of packages are words
go test -c -o "$bin/" -gcflags="$module/...=-d=libfuzzer -l" "${unwatched[@]}" $(cut -d' ' -f1 "$bin/packages")

while read -r package folder; do
    for target in $(cd "$folder" && "$bin/$(basename "$package").test" -test.list '^Fuzz'); do
        if [ $# -eq 0 ] || [[ " $* " == *" $target "* ]]; then printf '%s %s %s\n' "$package" "$folder" "$target"; fi
    done
done <"$bin/packages" >"$bin/targets"
count=$(wc -l <"$bin/targets")
if [ "$count" -eq 0 ] || [ "$count" -lt $# ]; then
    echo "no such target: $*" >&2
    exit 2
fi

# one PACKAGE FOLDER TARGET: runs it, in one process on one processor: a second brings less than their talk costs.
one() {
    local out=$bin/$3.out try
    cd "$2"
    for try in 1 2; do
        if GOMAXPROCS=1 "$bin/$(basename "$1").test" -test.run '^$' -test.fuzz "^$3\$" -test.fuzztime "$time" \
            -test.fuzzminimizetime 100x -test.parallel 1 -test.fuzzcachedir "$cache/$1" >"$out" 2>&1 </dev/null; then
            printf '%-16s %s\n' "$3" "$(grep 'execs:' "$out" | tail -n 1)"
            return 0
        fi
        # A known fault of the engine: it ends with this sentence and without an input that fails. Once more, then.
        if ! grep -q 'context deadline exceeded' "$out" || grep -q 'Failing input' "$out"; then break; fi
        echo "$3: the engine failed, not the target ($try)"
    done
    cat "$out"
    return 1
}
export -f one
xargs -P "$jobs" -L 1 bash -c 'one "$@"' one <"$bin/targets"
printf '%d fuzz targets\n' "$count"
