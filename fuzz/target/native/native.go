// Package native runs the bodies of fuzz targets under Go's own engine.
package native

import (
	"fmt"
	"runtime/debug"
	"testing"
)

// Fuzz makes a fuzz test of a target's body. The seeds are the files in testdata/fuzz.
//
// The engine gives each input a goroutine of its own, with a small stack that would have to grow each time, which can take
// longer than the body itself. So the body runs on one goroutine that lasts.
func Fuzz(f *testing.F, run func(data []byte) error) {
	f.Helper()
	inputs, results := make(chan []byte), make(chan error)
	go func() {
		for data := range inputs {
			results <- try(run, data)
		}
	}()
	f.Cleanup(func() { close(inputs) })
	f.Fuzz(func(t *testing.T, data []byte) {
		inputs <- data
		if err := <-results; err != nil {
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
