package faulty

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
)

func leakFaults() []Fault {
	return append(descriptorLeaks(), append(processLeaks(), memoryLeaks()...)...)
}

func leakDescriptor(s *session) {
	if f, err := os.Open(os.DevNull); err == nil {
		s.server.keep(f)
	}
}

func descriptorLeaks() []Fault {
	return []Fault{
		{
			Name: "leak-descriptor", Class: Leak,
			Description: "Each session opens a file that is never closed: a log, timer or epoll descriptor forgotten in C; close what a session opened when it ends.",
			Breaks:      []string{"srv/releases"},
			mutate:      eachSession(leakDescriptor),
		},
		{
			Name: "leak-descriptor-on-error", Class: Leak,
			Description: "Each session that ends by an invalid header leaves a descriptor open: a return before the cleanup, in C or Go; clean up on every way out, with goto or defer.",
			Breaks:      []string{"srv/releases"},
			mutate:      onFailure(isInvalid, leakDescriptor),
		},
		{
			Name: "leak-descriptor-on-truncation", Class: Leak,
			Description: "Each session that ends inside a message leaves a descriptor open: the state machine's one exit without a cleanup, in C or Rust with mem::forget; clean up on every way out.",
			Breaks:      []string{"srv/releases"},
			mutate:      onFailure(isTruncated, leakDescriptor),
		},
		{
			Name: "leak-descriptor-on-later-error", Class: Leak,
			Description: "Each session that ends by an invalid header behind a valid message leaves a descriptor open: what the first message made is freed on the way out of the loop alone, in C or Go; clean up on every way out.",
			Breaks:      []string{"srv/releases"},
			mutate: eachSession(func(s *session) {
				var answered bool
				s.do.echo = func(s *session, content []byte) error {
					answered = true
					return s.send(content)
				}
				s.do.fail = func(s *session, err error) bool {
					if answered && isInvalid(err) {
						leakDescriptor(s)
					}
					return false
				}
			}),
		},
		{
			Name: "leak-descriptor-by-eighth-message", Class: Leak,
			Description: "Each session of eight messages and more leaves a descriptor open: a file to which long sessions are written, a second epoll set; close what a session opened when it ends.",
			Breaks:      []string{"srv/releases"},
			mutate: numbered(func(s *session, number int, content []byte) error {
				if number == 8 {
					leakDescriptor(s)
				}
				return s.send(content)
			}),
		},
		{
			Name: "leak-socket", Class: Leak,
			Description: "Each session's socket is shut down, which the client sees, and never closed: shutdown() taken for close() in C, socket.end() without its 'close' in Node; close it.",
			Breaks:      []string{"srv/releases"},
			mutate: func(do *hooks) {
				do.close = func(s *session) {
					_ = s.conn.CloseRead()
					_ = s.conn.CloseWrite()
					s.server.keep(s.conn)
				}
			},
		},
	}
}

func processLeaks() []Fault {
	return []Fault{
		{
			Name: "leak-thread", Class: Leak,
			Description: "Each session leaves a thread behind: one that waits on a queue which nobody closes, in Java, C++ or Python; end and join it with its session.",
			Breaks:      []string{"srv/releases"},
			mutate: eachSession(func(s *session) {
				go func() {
					runtime.LockOSThread()
					<-s.server.ctx.Done()
				}()
			}),
		},
		{
			Name: "leak-process", Class: Leak,
			Description: "Each session that ends by an invalid header leaves a running process behind: a helper that the way out over an exception does not end, in Python or a shell; end it on every way out.",
			Breaks:      []string{"srv/releases"},
			mutate: onFailure(isInvalid, func(s *session) {
				helper := exec.CommandContext(s.server.ctx, "sleep", "60")
				if helper.Start() == nil {
					s.server.running.Go(func() { _ = helper.Wait() })
				}
			}),
		},
		{
			Name: "leak-zombie", Class: Leak,
			Description: "Each session that ends by an invalid header leaves a zombie behind: a child that has ended and that nobody waits for on this way out, in C; wait for it, or ignore SIGCHLD.",
			Breaks:      []string{"srv/releases"},
			mutate: onFailure(isInvalid, func(*session) {
				if child := exec.Command("true"); child.Start() == nil {
					_ = child.Process.Release()
				}
			}),
		},
	}
}

// hoard keeps memory that is in use until the server ends.
type hoard struct {
	mu    sync.Mutex
	parts [][]byte
}

func (h *hoard) add(n int) {
	part := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		part[i] = 1
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parts = append(h.parts, part)
}

// Close lets the memory go.
func (h *hoard) Close() error {
	h.parts = nil
	return nil
}

// hoarding gives change a hoard that lives as long as the server.
func hoarding(change func(*hooks, *hoard)) func(*hooks) {
	return func(do *hooks) {
		var all hoard
		do.start = func(srv *server) error {
			srv.keep(&all)
			return nil
		}
		change(do, &all)
	}
}

func memoryLeaks() []Fault {
	return []Fault{
		{
			Name: "leak-memory", Class: Leak,
			Description: "Each session leaves 64 KiB of memory behind: its buffer stays in a map of sessions in Go, Java or JavaScript, free() is missing in C; remove and free it.",
			Breaks:      []string{"srv/releases"},
			mutate: hoarding(func(do *hooks, all *hoard) {
				do.open = func(*session) { all.add(64 << 10) }
			}),
		},
		{
			Name: "leak-memory-on-error", Class: Leak,
			Description: "Each session that ends by an invalid header leaves 64 KiB of memory behind: a return before free() in C, a cycle with the exception's traceback in Python; free it on every way out.",
			Breaks:      []string{"srv/releases"},
			mutate: hoarding(func(do *hooks, all *hoard) {
				onFailure(isInvalid, func(*session) { all.add(64 << 10) })(do)
			}),
		},
		{
			Name: "leak-memory-by-message", Class: Leak,
			Description: "Each message leaves 4 KiB of memory behind: a history or a log of requests that only grows, in any language; bound it.",
			Breaks:      []string{"srv/releases"},
			mutate: hoarding(func(do *hooks, all *hoard) {
				do.echo = func(s *session, content []byte) error {
					all.add(4 << 10)
					return s.send(content)
				}
			}),
		},
		{
			Name: "leak-large-content", Class: Leak,
			Description: "Content of 1 MiB and more is never freed: a slice or view of a part keeps all of it alive, in Go, Java or JavaScript; copy the part.",
			Breaks:      []string{"srv/releases"},
			mutate: hoarding(func(do *hooks, all *hoard) {
				do.echo = func(s *session, content []byte) error {
					if len(content) >= 1<<20 {
						all.add(len(content))
					}
					return s.send(content)
				}
			}),
		},
		{
			Name: "leak-large-truncated-content", Class: Leak,
			Description: "Content of which over 64 KiB came before the stream ended is never freed: large buffers are the caller's to free, and an error returns none, in C; free it on every way out.",
			Breaks:      []string{"srv/releases"},
			mutate: hoarding(func(do *hooks, all *hoard) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n)
					if isTruncated(err) && len(content) > 64<<10 {
						all.add(len(content))
					}
					return content, err
				}
			}),
		},
		{
			Name: "announced-memory-touched", Class: Leak,
			Description: "Memory for all announced content is taken and written to before any has come: calloc and memset in C, bytearray(n) in Python, vec![0; n] in Rust; let the buffer grow with what comes.",
			Breaks:      []string{"srv/announced-memory"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content := make([]byte, n)
					for i := 0; i < n; i += 4096 {
						content[i] = 1
					}
					got, err := io.ReadFull(s.conn, content)
					if got < n && err != nil {
						err = errTruncatedContent
					}
					return content[:got], err
				}
			},
		},
	}
}
