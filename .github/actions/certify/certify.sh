#!/usr/bin/env bash
# Certifies a peer. Everything comes by the environment, so that nothing in an input is taken for a part of this script;
# INPUT_COMMAND and INPUT_ARGS are split, and their variables replaced, as on a command line.
set -euo pipefail

: "${OIZYS:?}" "${INPUT_COMMAND:?the input "command" is empty}" "${GITHUB_OUTPUT:?}"
reports=${INPUT_REPORTS:-oizys-reports}
mkdir -p "$reports"
rm -f "$reports/report.json" "$reports/report.xml" "$reports/report.md" # of a run before

eval "command=($INPUT_COMMAND)"
eval "args=(${INPUT_ARGS:-})"
if [ -n "${INPUT_KNOWN:-}" ]; then
    args+=(--known "$INPUT_KNOWN")
fi

status=0
"$OIZYS" certify --role "${INPUT_ROLE:-server}" --report "json=$reports/report.json" --report "junit=$reports/report.xml" \
    --report "md=$reports/report.md" ${args[@]+"${args[@]}"} -- "${command[@]}" || status=$?

result=none
if [ -s "$reports/report.json" ]; then
    result=$(sed -n 's/^  "result": "\([a-z-]*\)",$/\1/p' "$reports/report.json")
fi
echo "result=$result" >>"$GITHUB_OUTPUT"
if [ -s "$reports/report.md" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$reports/report.md" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$status"
