package suite

import (
	"context"
	"fmt"
	"time"
)

// replies are the cases of valid replies that a vector does not tell.
func replies() []Case {
	cases := []Case{
		reply("not-an-echo", "a reply that is not the message that was sent is printed", func(*Env) serving {
			return serving{message: []byte("ping"), stream: frame([]byte("An answer, not an echo."))}
		}),
		reply("shorter-than-request", "a reply that is shorter than the message is printed without anything of it", func(*Env) serving {
			return serving{message: typed(5000), stream: frame([]byte("a short one"))}
		}),
		reply("longer-than-request", "a reply that is longer than the message is printed whole", func(*Env) serving {
			return serving{message: []byte("?"), stream: frame(typed(5000))}
		}),
		reply("nul-bytes", "a reply is printed beyond its NULs", func(*Env) serving {
			return serving{stream: frame([]byte("\x00in front\x00between\x00\x00at the end\x00"))}
		}),
		reply("text-of-an-error", "a reply that reads like a complaint is a reply", func(*Env) serving {
			return serving{stream: frame([]byte("error: connection refused"))}
		}),
		reply("many-lines", "a reply of 2,000 lines is printed with each of them", func(*Env) serving { return serving{stream: frame(manyLines())} }),
		reply("odd-pieces-of-1-mib", "a reply of 1 MiB that comes in pieces of 1 to 8,191 bytes", func(e *Env) serving {
			wire := frame(content("odd pieces", 1<<20))
			return serving{stream: wire, pieces: randomPieces(e.Rand, len(wire), 8191)}
		}),
		reply("delayed", "a reply that comes after 300 ms is waited for", func(*Env) serving {
			return serving{stream: frame([]byte("late, but here")), pause: withheld}
		}),
		reply("break-in-header", "a reply with a break inside its header is waited for", func(*Env) serving {
			return serving{stream: frame([]byte("in two halves")), pause: interrupted, from: 2}
		}),
		reply("break-in-content", "a reply with a break inside its content is waited for", func(*Env) serving {
			return serving{stream: frame([]byte("in two halves")), pause: interrupted, from: 9}
		}),
		reply("closed-behind", "a reply is printed although the server closes the connection right behind it", func(*Env) serving {
			return serving{stream: frame([]byte("goodbye")), hungUp: true}
		}),
		reply("closed-behind-1-mib", "a reply of 1 MiB is printed although the server closes the connection right behind it", func(*Env) serving {
			return serving{stream: frame(content("goodbye", 1<<20)), hungUp: true}
		}),
		reply("thousand-behind", "a reply with 1,000 messages behind it is printed", func(e *Env) serving {
			return serving{stream: join(frame([]byte("the reply itself")), e.mixed("behind", 1000))}
		}),
		reply("beginning-of-the-next-behind", "a reply with the beginning of another message behind it is printed", func(*Env) serving {
			return serving{stream: join(frame([]byte("the reply itself")), []byte{0, 0, 1})}
		}),
	}
	for _, n := range []int{4000, 1<<16 - 1, 1<<16 + 1, 200_000, 1 << 20, 4<<20 + 1, 16_777_211} {
		c := reply(fmt.Sprintf("positional-%d", n), fmt.Sprintf("a reply of %s, of which each depends on its place, is printed whole", count(n, "byte")), func(*Env) serving {
			return serving{stream: frame(content("positional", n))}
		})
		c.Requirements, c.Bytes = append(c.Requirements, "msg/sizes"), 3*n
		if n > 1<<16 {
			c.Needs = append(c.Needs, "msg/sizes/65536")
		} else {
			c.Needs = append(c.Needs, "msg/sizes/256")
		}
		cases = append(cases, c)
	}
	return cases
}

const (
	withheld    = 300 * time.Millisecond // how long a reply is withheld
	interrupted = 50 * time.Millisecond  // and the rest of one
)

// reply is a case of what the judge sends for a reply.
func reply(name, title string, act func(*Env) serving) Case {
	c := Case{
		ID: "cli/reply/" + name, Title: title, Requirements: []string{"cli/reply", "msg/binary"},
		Run: func(ctx context.Context, e *Env) *Finding { return e.serve(ctx, act(e)) },
	}
	if c.ID != plainReply {
		c.Needs = []string{plainReply}
	}
	return c
}

func manyLines() []byte {
	var b []byte
	for i := range 2000 {
		b = fmt.Appendf(b, "line %04d\n", i)
	}
	return b
}
