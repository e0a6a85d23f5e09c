#!/usr/bin/env bash
# starved.sh SPINNERS ROUNDS [FLAGS of selftest]: the selftest as it is, then ROUNDS times beside SPINNERS busy processes.
# Prints every peer whose outcome differs, keeps the report of that round, and ends with 1 if there is one, with 3 if a run was
# not finished. OIZYS is the program, bin/oizys unless set; LIMIT is how many seconds one run may take, 900 unless set.
set -euo pipefail
[ $# -ge 2 ] || { echo "starved.sh needs SPINNERS and ROUNDS" >&2; exit 2; }
beside=("$(dirname "$0")/../spinning.sh" "$1") rounds=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# outcomes FILE COMMAND…: role, name and outcome of every peer of one run, which the command makes.
outcomes() {
    local file=$1 status=0
    shift
    "$@" --report json="$dir/matrix.json" >/dev/null 2>&1 || status=$?
    [ "$status" -le 1 ] || { echo "a run ended with status $status" >&2; exit 3; }
    python3 - "$dir/matrix.json" >"$file" <<'PY'
import json, sys
for row in json.load(open(sys.argv[1]))["rows"]:
    print(row["role"], row["name"], row["outcome"])
PY
    [ -s "$file" ] || { echo 'a run had no peers' >&2; exit 3; }
}

selftest=(timeout "${LIMIT:-900}" "${OIZYS:-bin/oizys}" selftest "$@")
outcomes "$dir/rested" "${selftest[@]}"
differs=0
for round in $(seq "$rounds"); do
    outcomes "$dir/starved" "${beside[@]}" "${selftest[@]}"
    printf 'round %d of %d, %d peers\n' "$round" "$rounds" "$(wc -l <"$dir/starved")"
    diff "$dir/rested" "$dir/starved" && continue
    differs=1
    kept=$(mktemp --suffix=.json)
    cp "$dir/matrix.json" "$kept"
    echo "what that round found: $kept"
done
exit "$differs"
