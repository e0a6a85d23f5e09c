#!/usr/bin/env bash
# Builds the program and says where it is: output `program`.
set -euo pipefail

bin=${RUNNER_TEMP:?}/oizys-bin
mkdir -p "$bin"
if [ -n "${INPUT_VERSION:-}" ]; then
    GOBIN=$bin go install "github.com/oizys-protocol/oizys/cmd/oizys@$INPUT_VERSION"
else
    # Below .github/actions/certify of a checkout.
    (cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && go build -trimpath -o "$bin/oizys" ./cmd/oizys)
fi
echo "program=$bin/oizys" >>"${GITHUB_OUTPUT:?}"
