// Package native runs the bodies of fuzz targets under Go's own engine.
package native

import (
	"fmt"
	"iter"
	"runtime/debug"
	"testing"
)

// Fuzz makes a fuzz test of a target's body. The seeds are the files in testdata/fuzz.
//
// The engine gives each input a goroutine of its own, with a small stack that would have to grow each time, which can take
// longer than the body itself. So the body runs on one goroutine that lasts. It is a coroutine, because a switch to one
// takes less than talking over channels does.
func Fuzz(f *testing.F, run func(data []byte) error) {
	f.Helper()
	var input []byte
	result, stop := iter.Pull(func(yield func(error) bool) {
		for yield(try(run, input)) {
		}
	})
	f.Cleanup(stop)
	f.Fuzz(func(t *testing.T, data []byte) {
		input = data
		if err, _ := result(); err != nil {
			t.Fatal(err)
		}
	})
}

// try runs the body and makes an error of a panic.
func try(run func(data []byte) error, data []byte) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return run(data)
}
