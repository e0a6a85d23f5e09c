// Package config has the fuzz targets of the readers of what people write for the suite: lists of known failures, and of
// peers.
package config

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/oizys-protocol/oizys/conformance/known"
)

// Known gives the input to the reader of lists of known failures. What is refused must be refused as an invalid list; what
// is accepted must be whole, be the same when it is written out with every text quoted, and check as that does.
func Known(data []byte) error {
	list, err := known.Parse(data)
	if err != nil {
		return refused(data, err, known.ErrInvalid)
	}
	var plain bytes.Buffer
	for _, e := range list {
		if e.Line < 1 || e.Case == "" || e.Reason == "" {
			return fmt.Errorf("an entry without line, case or reason: %+v", e)
		}
		fmt.Fprintf(&plain, "- case: %s\n  reason: %s\n", quoted(e.Case), quoted(e.Reason))
		if e.Actual != "" {
			fmt.Fprintf(&plain, "  actual: %s\n", quoted(e.Actual))
		}
	}
	again, err := known.Parse(plain.Bytes())
	if err != nil {
		return fmt.Errorf("reading what was accepted: %w", err)
	}
	if a, b := list.Entries(), again.Entries(); !reflect.DeepEqual(a, b) {
		return fmt.Errorf("%+v is read as %+v", a, b)
	}
	ids := []string{"hdr/length/example-hi", "msg/empty/only", "msg/sizes/1"}
	if a, b := list.Check(ids), again.Check(ids); (a == nil) != (b == nil) {
		return fmt.Errorf("checked as %v, and written out as %w", a, b)
	}
	return nil
}
