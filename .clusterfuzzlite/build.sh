#!/usr/bin/env bash
# Run by ClusterFuzzLite in its image, in the repository's folder.
set -euo pipefail
exec fuzz/libfuzzer/build.sh "$OUT"
