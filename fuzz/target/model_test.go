package target

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/fuzz/target/stream"
	"github.com/oizys-protocol/oizys/impl/session/sessiontest"
)

// What the session's model makes of a stream, in pieces and ended, is what the judge's model makes of it.
func TestModelReceivesAsTheJudgeSays(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 28))
	closed, messages := 0, 0
	for range 20000 {
		var m sessiontest.Model
		m.Apply(sessiontest.SetMessage, nil)
		all := make([]byte, random.IntN(40))
		for i := range all {
			all[i] = [...]byte{0, 0, 0, 0, 1, 2, 3, 'x'}[random.IntN(8)]
		}
		for rest := all; len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			m.Apply(sessiontest.PeerSends, rest[:n])
			rest = rest[n:]
		}
		for _, ended := range []bool{false, true} {
			if ended {
				m.Apply(sessiontest.PeerEnds, nil)
			}
			want := model.Judge(all, ended)
			var cause error
			if want.End == model.EndOfStream {
				cause = io.EOF
			} else if want.End.Closed() {
				cause = stream.ErrorOf(want.End)
			}
			if !errors.Is(m.Cause, cause) || m.Closed != want.End.Closed() || fmt.Sprint(m.Delivered) != fmt.Sprint(contents(all, want)) {
				t.Fatalf("% x, ended %t: closed %t with %v, delivered %q; the judge says %+v", all, ended, m.Closed, m.Cause, m.Delivered, want)
			}
			messages += len(want.Messages)
			if m.Closed {
				closed++
			}
		}
	}
	if closed < 1000 || messages < 1000 {
		t.Fatalf("of all streams only %d closed the session, with %d messages", closed, messages)
	}
}

func contents(all []byte, outcome model.Outcome) [][]byte {
	var out [][]byte
	for _, m := range outcome.Messages {
		out = append(out, all[m.Offset:m.Offset+m.Length])
	}
	return out
}
