package suite

import (
	"context"
	"fmt"
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

// invalidReplies are the cases of replies that are none, with content that shows wherever it is printed.
func invalidReplies() []Case {
	var cases []Case
	add := func(name, title string, s serving, also ...string) {
		cases = append(cases, Case{
			ID: "cli/invalid-reply/" + name, Title: title, Requirements: append([]string{"cli/invalid-reply", "close/on-error"}, also...),
			Run: func(ctx context.Context, e *Env) *Finding { return e.serve(ctx, s) },
		})
	}
	for _, cut := range []int{telling, 39, len(marker()) - 1} {
		add(fmt.Sprintf("truncated-at-%d", cut), fmt.Sprintf("nothing of a reply is presented that ends after %d of %d bytes", cut, len(marker())),
			serving{stream: rawFrame(spec.Reserved, len(marker()), marker()[:cut]), ended: true}, "close/truncated-content")
	}
	const most = 100_000
	add("truncated-at-100000", "nothing of a reply is presented that ends after 100,000 of 200,000 bytes",
		serving{stream: rawFrame(spec.Reserved, 2*most, content("cut", most)), ended: true}, "close/truncated-content")
	add("hung-up-in-content", "nothing of a reply is presented that the server's close cuts short",
		serving{stream: rawFrame(spec.Reserved, len(marker()), marker()[:40]), hungUp: true}, "close/truncated-content")
	add("hung-up-at-once", "nothing is presented when the server closes without a reply", serving{hungUp: true}, "close/end-of-stream")
	add("empty-with-bait", "nothing is presented of a message behind an empty one",
		serving{stream: join(rawFrame(spec.Reserved, 0, nil), frame(marker()))}, "msg/empty", "close/nothing-after")
	add("empty-with-bait-apart", "nothing is presented of a message that comes after an empty one was read",
		serving{stream: join(rawFrame(spec.Reserved, 0, nil), frame(marker())), pieces: []int{4, 4 + len(marker())}}, "msg/empty", "close/nothing-after")
	for _, value := range []byte{0x01, 0x80, 0xff} {
		add(fmt.Sprintf("reserved-0x%02x", value), fmt.Sprintf("nothing is presented of a reply with the reserved byte 0x%02x", value),
			serving{stream: rawFrame(value, len(marker()), marker())}, "hdr/reserved-nonzero")
	}
	return slices.Concat(cases, cutAfterMuch(), resetReplies())
}

// cutAfterMuch are the cases of a reply that ends when so much of it has come that a client may have begun to print it.
func cutAfterMuch() []Case {
	cut := func(name, title string, came, length int) Case {
		return Case{
			ID: "cli/invalid-reply/" + name, Title: title, Requirements: []string{"cli/invalid-reply", "close/on-error", "close/truncated-content"},
			Bytes: 3 * came,
			Run: func(ctx context.Context, e *Env) *Finding {
				return e.serve(ctx, serving{stream: rawFrame(spec.Reserved, length, content("cut late", came)), ended: true})
			},
		}
	}
	return []Case{
		cut("truncated-at-1048576", "nothing of a reply is presented that ends after 1 MiB of 2 MiB", 1<<20, 2<<20),
		cut("truncated-at-16777214", "nothing of the longest reply is presented that ends a byte too early", spec.MaxContentLen-1, spec.MaxContentLen),
	}
}

// marker is content that no program prints by chance.
func marker() []byte { return []byte("Zq7-marker-of-an-invalid-reply-kX93-which-must-not-be-shown") }
