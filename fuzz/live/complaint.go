package live

import "strings"

// said is a line by which a runtime or a sanitizer tells of a fault, in a peer that may go on.
type said struct{ kind, line string }

// complaints are what such lines hold or, behind ^, begin with, and what they are called. A word alone is none: what a peer
// prints is its own business.
var complaints = [...]said{
	{"AddressSanitizer", "AddressSanitizer"}, {"LeakSanitizer", "LeakSanitizer"}, {"ThreadSanitizer", "ThreadSanitizer"},
	{"MemorySanitizer", "MemorySanitizer"}, {"UndefinedBehaviorSanitizer", "UndefinedBehaviorSanitizer"},
	{"data-race", "WARNING: DATA RACE"}, {"go-panic", "^panic: "}, {"go-fatal-error", "^fatal error: "}, {"rust-panic", "' panicked at "},
	{"rust-panic", "panicked at "}, {"python-traceback", "^Traceback (most recent call last)"}, {"cpp-terminate", "terminate called"},
	{"assertion", "Assertion `"}, {"node-uncaught", "^Uncaught "}, {"glibc-abort", "double free or corruption"}, {"glibc-abort", "malloc(): "},
	{"glibc-abort", "*** stack smashing detected ***"}, {"java-exception", "^Exception in thread "}, {"UndefinedBehaviorSanitizer", ": runtime error: "},
}

// complaint looks for the first such line in what was printed.
func complaint(printed string) (said, bool) {
	for line := range strings.Lines(printed) {
		for _, c := range complaints {
			text, begins := strings.CutPrefix(c.line, "^")
			at := strings.Index(line, text)
			if at == 0 || at > 0 && !begins {
				return said{c.kind, strings.TrimSpace(line)}, true
			}
		}
	}
	return said{}, false
}
