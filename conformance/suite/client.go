package suite

import (
	"github.com/oizys-protocol/oizys/vectors"
)

// Cases for clients that the runner knows by name, or that others rest on.
const (
	// ClientGate is the first case of all for a client: one plain message and its echo. Without it no other shows anything.
	ClientGate = "cli/request/plain"
	// plainReply is a short reply that is no echo: without it other replies show nothing of their own.
	plainReply = "cli/reply/not-an-echo"
	// cutCloses is a stream that ends inside a reply.
	cutCloses = "close/truncated-content/3-of-8"
	// resetOnce is a reset without a reply: a client that sends its message again then shows nothing else in others.
	resetOnce = "cli/request/once-reset-at-once"
	// ClientEnds is failed by a client that does not end by itself where no case of its own looks for that.
	ClientEnds = "cli/ends/whole-run"
)

// Client returns the cases for a command-line client: a program that connects to a socket, sends the one message that
// it was given, prints the content of the one reply, and ends. The error says what is wrong with the vectors.
func Client(set *vectors.Set) ([]Case, error) {
	var cases []Case
	for _, part := range [][]Case{requests(), sentOnce(), unsent(), repliesOf(set), replies(), invalidOf(set), invalidReplies(), repliesOfAHeaderAlone(), clientSessions(), clientSilences(), ends(), ClientWholeRunCases()} {
		cases = append(cases, part...)
	}
	return gated(cases, ClientGate)
}

// ClientEndings returns the cases of how a client ends, and of what it does while it waits.
func ClientEndings() []Case { return ends() }

// ClientWholeRunCases returns the cases for a client that the runner judges by how the whole run went.
func ClientWholeRunCases() []Case {
	return []Case{{ID: ClientEnds, Title: "the client ends by itself in every case", Requirements: []string{"cli/ends"}, Needs: []string{ClientGate}, Mode: WholeRun}}
}
