package suite

import "context"

// reservedCloses is a wrong reserved byte with all that its header announces: a peer that does not close for it goes on,
// and shows nothing of when it would have closed.
const reservedCloses = "hdr/reserved-nonzero/0x01"

// headerAlone is a stream whose error is in its last header, which announces content that never comes.
type headerAlone struct {
	name, title string
	before      []byte // whole messages
	part        []byte // what there is of the content
}

// headersOfContentThatNeverComes are shown to servers and clients.
func headersOfContentThatNeverComes() []headerAlone {
	return []headerAlone{
		{"by-itself", "a header with a wrong reserved byte closes the session, though the content that it announces never comes", nil, nil},
		{"by-itself-inside-content", "a header with a wrong reserved byte closes the session, though its content comes in part alone", nil, []byte("to")},
	}
}

func (h headerAlone) stream() []byte { return join(h.before, rawFrame(0x01, 5, h.part)) }

// headersBehindWhichNothingComes are shown to those who are sent several messages.
func headersBehindWhichNothingComes() []headerAlone {
	return append(headersOfContentThatNeverComes(),
		headerAlone{"by-itself-behind-a-message", "a header with a wrong reserved byte behind a valid message closes the session, though nothing more is sent", frame([]byte("valid")), nil})
}

// headersAlone are the cases of a wrong reserved byte behind which a server is sent nothing more.
func headersAlone() []Case {
	return casesOf(headersBehindWhichNothingComes(), func(ctx context.Context, e *Env, stream []byte) *Finding {
		return e.play(ctx, script{wire: stream, bare: true})
	})
}

// headersAloneForDrivers are the same for a driver's session.
func headersAloneForDrivers() []Case {
	return casesOf(headersBehindWhichNothingComes(), func(ctx context.Context, e *Env, stream []byte) *Finding {
		return e.receive(ctx, stream, nil, false)
	})
}

// repliesOfAHeaderAlone are the same for a client.
func repliesOfAHeaderAlone() []Case {
	return casesOf(headersOfContentThatNeverComes(), func(ctx context.Context, e *Env, stream []byte) *Finding {
		return e.serve(ctx, serving{stream: stream})
	})
}

func casesOf(streams []headerAlone, run func(context.Context, *Env, []byte) *Finding) []Case {
	var cases []Case
	for _, h := range streams {
		cases = append(cases, Case{
			ID: "hdr/reserved-nonzero/" + h.name, Title: h.title,
			Requirements: []string{"hdr/reserved-nonzero", "close/on-error"}, Needs: []string{reservedCloses},
			Run: func(ctx context.Context, e *Env) *Finding {
				f := run(ctx, e, h.stream())
				if f.Bad() && f.Stalled {
					f.Hints = append(f.Hints, "the reserved byte is looked at when the content has come; check it as soon as the header is there")
				}
				return f
			},
		})
	}
	return cases
}
