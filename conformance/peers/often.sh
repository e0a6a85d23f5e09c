#!/usr/bin/env bash
# often.sh ROUNDS [FLAGS of certify]: certifies each peer of peers.json, and the reference in each role, so many times, as
# under conformance/spinning.sh. Prints what came of the cases, and how often, and ends with 1 if a peer was not conforming
# or had two different outcomes. OIZYS is the program, bin/oizys unless set; PEERS matches the names of the peers, if not
# of all. build.sh is to be run first.
set -euo pipefail
[ $# -ge 1 ] || { echo "often.sh needs ROUNDS" >&2; exit 2; }
cd "$(dirname "$0")/../.."
rounds=$1
shift
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

# peers: name, role and command of each, a line each, between tabs; the reference's command is empty.
peers() {
    printf 'reference\t%s\t\n' server client driver
    python3 - conformance/peers/peers.json <<'PY'
import json, sys
for peer in json.load(open(sys.argv[1])):
    print(peer["name"], peer["role"], " ".join(peer["command"]), sep="\t")
PY
}

wrong=0
for round in $(seq "$rounds"); do
    while IFS=$'\t' read -r name role command; do
        [[ $name-$role =~ ${PEERS:-.} ]] || continue
        status=0
        # shellcheck disable=SC2086 # the command's words
        out=$("${OIZYS:-bin/oizys}" certify --role "$role" "$@" ${command:+-- $command} 2>&1 </dev/null) || status=$?
        cases=$(grep -E '^[0-9]+ cases in ' <<<"$out" | sed 's/ in [^:]*:/:/') || cases='no cases'
        printf '%s %s: exit code %d, %s\n' "$name" "$role" "$status" "$cases" >>"$lines"
        if [ "$status" -ne 0 ]; then
            printf 'round %d, %s %s\n%s\n' "$round" "$name" "$role" "$out"
            wrong=1
        fi
    done < <(peers)
    printf 'round %d of %d\n' "$round" "$rounds"
done
sort "$lines" | uniq -c
[ "$(cut -d: -f1 "$lines" | sort -u | wc -l)" -eq "$(sort -u "$lines" | wc -l)" ] || wrong=1
exit "$wrong"
