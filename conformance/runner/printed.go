package runner

import (
	"errors"
	"fmt"
	"strings"
)

// outputError is an error of a peer that could not be judged, with what the peer had printed.
type outputError struct {
	error
	printed string
}

func (e outputError) Error() string { return e.error.Error() + e.printed }
func (e outputError) Unwrap() error { return e.error }

// withOutput adds to an error what the peer printed, if it printed anything, behind words that introduce it.
func withOutput(err error, words, output string) error {
	if output = strings.TrimSpace(output); output == "" {
		return err
	}
	return outputError{err, "; " + words + ":\n" + indent(output)}
}

// brief returns the text of an error without what the peer printed, which a report has elsewhere.
func brief(err error) string {
	var with outputError
	if errors.As(err, &with) {
		return strings.Replace(err.Error(), with.printed, "", 1)
	}
	return err.Error()
}

// indent makes the peer's words safe to show and sets them off.
func indent(text string) string {
	const most = 2000
	if len(text) > most {
		text = "…" + text[len(text)-most:]
	}
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		fmt.Fprintf(&b, "  | %s\n", strings.Trim(fmt.Sprintf("%+q", line), `"`))
	}
	return strings.TrimRight(b.String(), "\n")
}
