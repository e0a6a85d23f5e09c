// Package reports has the fuzz target of the reader of reports.
package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/fuzz/target/oracle"
)

// Report gives the input to the reader of reports. What is refused must be refused as an invalid report, in one line; what
// is accepted must be the same once it was written and read again, and can be shown in every format.
func Report(data []byte) error {
	r, err := report.Read(bytes.NewReader(data))
	if err != nil {
		return oracle.Refused(err, report.ErrInvalid)
	}
	for _, format := range report.Formats() {
		var text bytes.Buffer
		if err := report.Write(&text, format, r); err != nil {
			return fmt.Errorf("writing %s: %w", format, err)
		}
		switch format {
		case report.JSON:
			again, err := report.Read(&text)
			if err != nil {
				return fmt.Errorf("reading what was written: %w", err)
			}
			var first, second bytes.Buffer
			if report.Write(&first, format, r) != nil || report.Write(&second, format, again) != nil || first.String() != second.String() {
				return errors.New("what was written is read as another report")
			}
		case report.JUnit:
			if err := wellFormed(&text); err != nil {
				return fmt.Errorf("the JUnit file is no XML: %w", err)
			}
		default:
			if report.Printable(strings.ReplaceAll(text.String(), "\n", "")) != strings.ReplaceAll(text.String(), "\n", "") {
				return fmt.Errorf("the report in %s is not printable", format)
			}
		}
	}
	return nil
}

func wellFormed(r io.Reader) error {
	for d := xml.NewDecoder(r); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
