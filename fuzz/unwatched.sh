# shellcheck shell=bash
# Sourced by native.sh and rates.sh: unwatched are the flags by which `go test -c` builds some packages of the module as they
# are. Every counter of those that are watched is compared for each input, and the branches of the session's model and of the
# maker of its operations tell little that those of the session do not, those of the pool little that the decoder's do not,
# and those of the others nothing about a target.
unwatched=()
for package in impl/session/sessiontest impl/internal/bufpool spec fuzz/target/operations fuzz/target/native; do
    unwatched+=("-gcflags=$(go list -m)/$package=")
done
