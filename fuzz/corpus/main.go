// Command corpus moves inputs between the engines. libFuzzer's corpora are folders of files whose bytes are the input;
// Go's are folders of files that say "go test fuzz v1" and then the input as Go.
//
//	corpus targets                the targets' names
//	corpus seeds OUT              seeds (NAME_seed_corpus.zip) and dictionaries of all targets, for libFuzzer
//	corpus check-in FOLDER        seeds of all targets, for Go: FOLDER is fuzz/target
//	corpus to-go FROM TO          what libFuzzer found, for Go: TO is .../testdata/fuzz/FuzzNAME
//	corpus to-libfuzzer FROM TO   the other way round
//
// Merging adds what is not there yet and removes nothing. Files that are no inputs or cannot be read, and folders, are named
// and left out; then the exit code is 1.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/oizys-protocol/oizys/fuzz/target"
)

var errUsage = errors.New("use: corpus targets | seeds OUT | check-in FOLDER | to-go FROM TO | to-libfuzzer FROM TO")

func main() {
	err := run(os.Args[1:], os.Stdout)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	if errors.Is(err, errUsage) {
		os.Exit(2)
	}
	os.Exit(1)
}

func run(args []string, out io.Writer) error {
	word := ""
	if len(args) > 0 {
		word = args[0]
	}
	switch {
	case word == "targets" && len(args) == 1:
		for _, t := range target.All() {
			fmt.Fprintln(out, t.Name)
		}
		return nil
	case word == "seeds" && len(args) == 2:
		return writeSeeds(args[1])
	case word == "check-in" && len(args) == 2:
		return checkIn(out, args[1])
	case word == "to-go" && len(args) == 3:
		return merge(out, args[1], args[2], toGo)
	case word == "to-libfuzzer" && len(args) == 3:
		return merge(out, args[1], args[2], fromGo)
	}
	return errUsage
}
