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

// Report gives the input to the reader of reports. What is refused must be refused as an invalid report; what is accepted
// must be the same once it was written and read again, and can be shown in every format.
func Report(data []byte) error {
	r, err := report.Parse(data)
	if err != nil {
		return oracle.Refused(err, report.ErrInvalid)
	}
	var text, second bytes.Buffer
	for _, format := range report.Formats() {
		text.Reset()
		if err := report.Write(&text, format, r); err != nil {
			return fmt.Errorf("writing %s: %w", format, err)
		}
		switch format {
		case report.JSON:
			again, err := report.Parse(text.Bytes())
			if err != nil {
				return fmt.Errorf("reading what was written: %w", err)
			}
			if report.Write(&second, format, again) != nil || !bytes.Equal(text.Bytes(), second.Bytes()) {
				return errors.New("what was written is read as another report")
			}
		case report.JUnit:
			if err := wellFormed(&text); err != nil {
				return fmt.Errorf("the JUnit file is no XML: %w", err)
			}
		default:
			for line := range strings.SplitSeq(text.String(), "\n") {
				if report.Printable(line) != line {
					return fmt.Errorf("the report in %s is not printable", format)
				}
			}
		}
	}
	// All formats were written from the same report: none may have changed it.
	if text.Reset(); report.Write(&text, report.JSON, r) != nil || !bytes.Equal(text.Bytes(), second.Bytes()) {
		return errors.New("writing a report changed it")
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
