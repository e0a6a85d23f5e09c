#!/bin/sh
# Builds the peers that need a compiler: c/NAME.c and rust/NAME.rs become DIR/c-NAME and DIR/rust-NAME, with dashes for
# underscores. DIR is the argument, or bin/peers at the root of the repository.
#
# A compiler that is missing is named and its peers are skipped; where CI is set, that is a failure instead.
set -eu

if [ $# -gt 1 ]; then
    echo "usage: build.sh [DIR]" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../bin/peers}
mkdir -p "$out"
out=$(cd "$out" && pwd)

# build COMPILER LANGUAGE EXTENSION FLAG... : every source of one language.
build() {
    compiler=$1 language=$2 extension=$3
    shift 3
    for source in "$here/$language"/*."$extension"; do
        name=$language-$(basename "$source" ".$extension" | tr _ -)
        if ! command -v "$compiler" >/dev/null 2>&1; then
            echo "skipped $name: $compiler is not installed"
            skipped=yes
            continue
        fi
        "$compiler" "$@" -o "$out/$name" "$source"
        echo "built $out/$name"
    done
}

skipped=no
build "${CC:-cc}" c c -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror
build "${RUSTC:-rustc}" rust rs --edition 2021 -O -D warnings

if [ "$skipped" = yes ] && [ -n "${CI:-}" ]; then
    echo "build.sh: CI is set, so a missing compiler is a failure" >&2
    exit 1
fi
