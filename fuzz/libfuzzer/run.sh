#!/usr/bin/env bash
# run.sh OUT RUNS [JOBS]: runs each target that build.sh has built in the folder OUT on its seeds and then on RUNS inputs
# made of them with its dictionary, JOBS side by side (default 1). Fails on a finding, which is left in OUT/findings.
set -euo pipefail
cd "${1:?use: run.sh OUT RUNS [JOBS]}"
export runs=${2:?use: run.sh OUT RUNS [JOBS]}
mkdir -p findings

one() {
    local corpus log options=()
    corpus=$(mktemp -d) log=findings/$1.log
    python3 -m zipfile -e "$1_seed_corpus.zip" "$corpus"
    if [ -e "$1.dict" ]; then options+=("-dict=$1.dict"); fi
    # The seeds count as runs: RUNS are on top of them.
    local seeds
    seeds=$(find "$corpus" -type f | wc -l)
    if "./$1" -runs=$((seeds + runs)) -seed=1 -timeout=10 -rss_limit_mb=1024 -artifact_prefix="findings/$1-" "${options[@]}" "$corpus" \
        >"$log" 2>&1 </dev/null && grep -q "^Done $((seeds + runs)) runs" "$log"; then
        printf '%-10s %3d seeds, %s\n' "$1" "$seeds" "$(grep '^Done' "$log")"
        rm -rf "$corpus" "$log"
        return 0
    fi
    rm -rf "$corpus"
    printf '%s: a finding, in %s\n' "$1" "$PWD/findings"
    tail -n 40 "$log"
    return 1
}
export -f one

printf '%s\n' *_seed_corpus.zip | sed 's/_seed_corpus\.zip$//' | xargs -P "${3:-1}" -I NAME bash -c 'one NAME'
