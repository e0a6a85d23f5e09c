package suite

import "slices"

// Cases that other cases of a driver rest on.
const (
	localClose = "sess/close-local/plain"
	peerClose  = "sess/close-cause/end-of-stream"
	hangUp     = "close/on-error/connection"
	cutContent = "close/truncated-content/1-of-8"
	byTurns    = "sess/independent/by-turns"
)

// closeNeeds returns the closes without which a case that is about something else shows nothing.
func closeNeeds(id string) []string {
	switch id {
	case localClose, peerClose:
		return nil
	case hangUp, "sess/reading-starts/hung-up":
		return []string{peerClose}
	case "sess/send-queues/closed-behind", "stream/unsolicited/sent-nothing":
		return []string{localClose}
	case "sess/close-late-handler/end-of-stream", "sess/close-late-handler/error", "sess/close-silences/behind-error",
		"sess/handler-fails/then-closes", "sess/handler-fails/close-handler-peer", "sess/reentrant/close-in-close-peer",
		"sess/reentrant/send-in-close-peer", "sess/send-closed/end-of-stream", "sess/send-closed/error":
		// the peer or an error closes the session, and then the connection is to be closed
		return []string{localClose, peerClose, hangUp}
	}
	switch familyOf(id) {
	case "sess/close-cause":
		return []string{peerClose}
	case "close/truncated-header", "close/truncated-content", "close/end-of-stream", "close/on-error", "close/nothing-after", "msg/empty", "hdr/reserved-nonzero":
		return []string{peerClose, hangUp}
	case "sess/close-once", "sess/handler-twice", "sess/handler-fails", "sess/reentrant", "sess/close-silences", "sess/close-again",
		"sess/send-closed", "sess/close-late-handler", "sess/release", "sess/independent":
		return []string{localClose, peerClose}
	default:
		return nil
	}
}

// abilities are cases that show something alone of which others make use, about something else.
func abilities() []struct {
	shown string
	used  []string
} {
	type row = struct {
		shown string
		used  []string
	}
	return []row{
		{emptyCloses, []string{
			"sess/close-cause/empty", "sess/close-once/empty", "sess/close-cause/kinds", "sess/close-late-handler/error", "sess/close-again/error",
			"sess/close-silences/behind-error", "sess/send-closed/error", "sess/independent/one-fails",
		}},
		{hangUp, []string{"sess/close-cause/truncated-header", "sess/close-once/truncated-header", "sess/close-cause/kinds"}},
		{cutContent, []string{"sess/close-cause/truncated-content", "sess/close-once/truncated-content", "sess/close-cause/kinds"}},
		{"sess/close-again/local", []string{
			"sess/close-once/end-of-stream", "sess/close-once/hang-up", "sess/close-once/reset", "sess/close-once/empty",
			"sess/close-once/truncated-header", "sess/close-once/truncated-content", "sess/close-once/behind-messages",
			"sess/close-once/in-handler", "sess/close-once/fails", "sess/close-once/late",
			"sess/reentrant/close-in-close", "sess/reentrant/close-in-close-peer", "sess/reentrant/close-in-late-close",
		}},
		{"sess/close-late-handler/local", []string{"sess/handler-fails/late-close-handler", "sess/close-once/late", "sess/reentrant/close-in-late-close"}},
		{"sess/handler-fails/close-handler-peer", []string{"sess/close-once/fails"}},
		{"sess/reentrant/close-in-message", []string{"sess/close-once/in-handler", "sess/close-silences/in-handler"}},
		{"sess/reentrant/send-in-message", []string{"sess/independent/handlers"}},
		{"sess/send-closed/local", []string{"sess/reentrant/send-in-close", "sess/reentrant/send-in-close-peer"}},
		{"sess/reading-starts/close-handler-last", []string{"sess/close-late-handler/local-reading"}},
		{byTurns, []string{
			"sess/independent/halves", "sess/independent/one-fails", "sess/independent/one-closed", "sess/independent/handlers",
			"sess/independent/unread", "sess/independent/fifty", "stream/idle/other-session",
		}},
		{"msg/binary/sent", []string{
			"sess/send-queues/order", "sess/send-queues/unread-large", "sess/send-queues/receives-meanwhile", "sess/send-queues/closed-behind",
			"sess/send-count/unread", "sess/reentrant/send-1-mib-in-message", "sess/independent/unread",
		}},
		{"msg/sizes/sent-1048576", []string{
			"sess/send-queues/unread-large", "sess/send-queues/receives-meanwhile", "sess/reentrant/send-1-mib-in-message", "sess/independent/unread",
		}},
	}
}

// abilityNeeds returns the cases that show what a case makes use of.
func abilityNeeds(id string) []string {
	var needs []string
	for _, a := range abilities() {
		if slices.Contains(a.used, id) {
			needs = append(needs, a.shown)
		}
	}
	return needs
}
