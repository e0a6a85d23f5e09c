//go:build libfuzzer

// Command libfuzzer is the fuzz targets for libFuzzer: an archive that fuzz/libfuzzer/build.sh links with it. One program
// holds all of them and runs the one that its file is named after, so that they are built once.
package main

// #include <stdlib.h>
import "C"

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"unsafe"

	"github.com/oizys-protocol/oizys/fuzz/planted"
	"github.com/oizys-protocol/oizys/fuzz/target"
)

var run func(data []byte) error

func init() {
	bodies := map[string]func([]byte) error{"planted-script": planted.Script, "planted-magic": planted.Magic}
	for _, t := range target.All() {
		bodies[t.Name] = t.Run
	}
	name := filepath.Base(os.Args[0])
	if run = bodies[name]; run == nil {
		names := strings.Join(slices.Sorted(maps.Keys(bodies)), " ")
		fmt.Fprintf(os.Stderr, "no target is called %s; name the file after one of: %s\n", name, names)
		os.Exit(2)
	}
}

// LLVMFuzzerTestOneInput tries one input. It ends the program by SIGABRT, which is how libFuzzer is told of a finding.
//
//export LLVMFuzzerTestOneInput
func LLVMFuzzerTestOneInput(data *C.char, size C.size_t) C.int {
	defer func() {
		if value := recover(); value != nil {
			fail(fmt.Sprintf("panic: %v\n%s", value, debug.Stack()))
		}
	}()
	// A copy: the memory is libFuzzer's, and targets may keep what they were given.
	if err := run(C.GoBytes(unsafe.Pointer(data), C.int(size))); err != nil {
		fail(err.Error())
	}
	return 0
}

func fail(what string) {
	fmt.Fprintf(os.Stderr, "finding: %s\n", what)
	C.abort()
}

func main() {}
