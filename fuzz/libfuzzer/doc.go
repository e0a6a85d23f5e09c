//go:build !libfuzzer

// Command libfuzzer is built by build.sh beside it, under a build tag: it is an archive for libFuzzer, and no program of
// its own.
package main

func main() {}
