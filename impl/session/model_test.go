package session_test

import (
	"errors"
	"slices"
	"strings"

	"github.com/oizys-protocol/oizys/impl/session/sessiontest"
)

const modelBound = 500

func encoded(content string) string {
	n := len(content)
	return string([]byte{0, byte(n / 65536), byte(n / 256 % 256), byte(n % 256)}) + content
}

// observed is what can be seen of the tested session after a command.
type observed struct {
	queued     int
	err        error
	delivered  []string
	panics     int
	closeRuns  int
	closeCause error
	cause      error
	over       bool
	out        string
}

// differs says in which way the session is not as the model; it is empty when they agree.
func (o observed) differs(m *sessiontest.Model) string {
	same := func(want []byte, have string) bool { return string(want) == have }
	var all []string
	for _, check := range []struct {
		what string
		same bool
	}{
		{"returned number", m.Queued == o.queued},
		{"returned error", errors.Is(o.err, m.Err)},
		{"messages", slices.EqualFunc(m.Delivered, o.delivered, same)},
		{"panics", m.Panics == o.panics},
		{"runs of the close handler", m.CloseRuns == o.closeRuns},
		{"cause given to the close handler", errors.Is(o.closeCause, m.CloseCause)},
		{"cause", errors.Is(o.cause, m.Cause)},
		{"whether it is over", m.Over() == o.over},
		{"bytes sent", string(m.Out) == o.out},
	} {
		if !check.same {
			all = append(all, check.what)
		}
	}
	return strings.Join(all, ", ")
}
