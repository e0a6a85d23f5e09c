#!/usr/bin/env bash
# starved.sh SPINNERS ROUNDS [FLAGS of selftest]: the selftest as it is, then ROUNDS times beside SPINNERS busy processes.
# Prints every peer whose outcome differs, and ends with 1 if there is one, with 3 if a run was not finished. OIZYS is the
# program, bin/oizys unless set; LIMIT is how many seconds one run may take, 900 unless set.
set -euo pipefail
[ $# -ge 2 ] || { echo "starved.sh needs SPINNERS and ROUNDS" >&2; exit 2; }
spinners=$1 rounds=$2
shift 2
oizys=${OIZYS:-bin/oizys}
limit=${LIMIT:-900}
dir=$(mktemp -d)
pids=()
finish() {
    [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    rm -rf "$dir"
}
trap finish EXIT

# outcomes FILE FLAGS…: role, name and outcome of every peer of one run.
outcomes() {
    local file=$1 status=0
    shift
    timeout "$limit" "$oizys" selftest --report json="$dir/matrix.json" "$@" >/dev/null 2>&1 || status=$?
    [ "$status" -le 1 ] || { echo "a run ended with status $status" >&2; exit 3; }
    python3 - "$dir/matrix.json" >"$file" <<'PY'
import json, sys
for row in json.load(open(sys.argv[1]))["rows"]:
    print(row["role"], row["name"], row["outcome"])
PY
    [ -s "$file" ] || { echo 'a run had no peers' >&2; exit 3; }
}

outcomes "$dir/rested" "$@"
for _ in $(seq "$spinners"); do
    (while :; do :; done) &
    pids+=($!)
done
differs=0
for round in $(seq "$rounds"); do
    outcomes "$dir/starved" "$@"
    printf 'round %d of %d, %d peers\n' "$round" "$rounds" "$(wc -l <"$dir/starved")"
    diff "$dir/rested" "$dir/starved" || differs=1
done
exit "$differs"
