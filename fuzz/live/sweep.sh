#!/usr/bin/env bash
# Fuzzes every faulty server for up to 30 s each, and prints one line for each with the time to the first finding. Several
# at once; about ten minutes on two cores.
#
#   fuzz/live/sweep.sh [OIZYS [AT-ONCE [ROLE]]]
#
# PEERS is the program that is every faulty peer, "$OIZYS faulty" unless set; oizys-faulty starts sooner.
set -euo pipefail

oizys=${1:-bin/oizys}
at_once=${2:-3}
role=${3:-server}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

one() {
    local oizys=$1 role=$2 dir=$3 name=$4 words
    words=("$oizys" faulty)
    [ -z "${PEERS:-}" ] || words=("$PEERS")
    if [ "$role" = server ]; then
        words+=(server "$name" '{socket}')
    else
        words+=(client "$name" -e '{socket}' -m '{message}')
    fi
    timeout 120 "$oizys" fuzz --role "$role" --strict --duration 30s --max-findings 1 --out '' --report json="$dir/$name" \
        -- "${words[@]}" >/dev/null 2>&1 || true
    python3 - "$dir/$name" "$name" <<'PY'
import json, sys
try:
    found = json.load(open(sys.argv[1]))["findings"]
except (OSError, ValueError) as error:
    print(sys.argv[2], "not judged:", error)
    sys.exit()
if found:
    first = min(found, key=lambda f: f["after_ms"])
    print(f'{sys.argv[2]}\t{first["after_ms"] / 1000:.2f} s\t{first["key"]}')
else:
    print(f"{sys.argv[2]}\tnot found")
PY
}
export -f one

"$oizys" faulty list | awk -v role="$role" 'NR > 1 && $1 == role && $3 != "habit" { print $2 }' |
    xargs -P "$at_once" -I NAME bash -c 'one "$@"' one "$oizys" "$role" "$dir" NAME
