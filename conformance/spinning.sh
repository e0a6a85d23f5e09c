#!/usr/bin/env bash
# spinning.sh N COMMAND…: runs the command beside N busy processes, and ends with its exit code.
set -euo pipefail
[ $# -ge 2 ] || { echo "spinning.sh needs N and COMMAND" >&2; exit 2; }
pids=()
trap '[ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true' EXIT
for _ in $(seq "$1"); do
    (while :; do :; done) &
    pids+=($!)
done
shift
status=0
"$@" || status=$?
exit "$status"
