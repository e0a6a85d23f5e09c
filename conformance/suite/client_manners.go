package suite

import (
	"bytes"
	"sync"
	"time"
)

// Manners is how the client under test behaves beside the protocol, as its runs have shown it: how it presents a reply,
// and whether it keeps one waiting for its end. A run's cases share one. Its zero value knows nothing, and it may be used
// concurrently.
type Manners struct {
	mu            sync.Mutex
	known         bool
	onStderr      bool   // replies are presented on stderr
	before, after string // what is printed around a reply
	late, prompt  int    // how many runs had to be ended, and how many ended by themselves
}

// A client's end is no longer waited for when more than patientWithLate of its runs had to be ended, unless that is at most
// one in lateShare: then it is the machine or the cases that make them late, and the others have an exit status to judge.
const (
	patientWithLate = 1
	lateShare       = 8
)

// left notes that the client has ended by itself.
func (m *Manners) left() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.prompt++
}

// lingered notes that the client had to be ended.
func (m *Manners) lingered() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.late++
}

// Patient returns the manners of a client that has kept nobody waiting yet.
func (m *Manners) Patient() *Manners {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Manners{known: m.known, onStderr: m.onStderr, before: m.before, after: m.after}
}

// grace is how long the client's end is waited for.
func (m *Manners) grace(patience time.Duration) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.late > patientWithLate && m.late*lateShare > m.late+m.prompt {
		return 0
	}
	return patience
}

// learn takes note of how a reply was presented.
func (m *Manners) learn(stdout, stderr, reply []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onStderr = !bytes.Contains(stdout, reply)
	stream := stdout
	if m.onStderr {
		stream = stderr
	}
	before, after, found := bytes.Cut(stream, reply)
	m.known = found
	m.before, m.after = string(before), string(after)
}

// presentation is what a client has printed in one run, and how it presents a reply.
type presentation struct {
	replies, others []byte // what stands in the stream for replies, and in the other one
	known           bool
	before, after   string
}

// look returns what was printed as the client's manners explain it. Where they are not known, both streams may hold a
// reply.
func (m *Manners) look(stdout, stderr []byte) presentation {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := presentation{replies: stdout, others: stderr, known: m.known, before: m.before, after: m.after}
	if m.onStderr {
		p.replies, p.others = stderr, stdout
	}
	return p
}

// telling is the length from which content that is printed can be told from words that stand there by chance.
const telling = 12

// shows reports whether the client has presented content that was no valid reply. Short content must stand where a reply
// would. What a client that fails says on its other stream, a complaint that quotes what it got, is no presentation.
func (p presentation) shows(content []byte, failed bool) bool {
	if len(content) == 0 {
		return false
	}
	streams := [][]byte{p.replies}
	if !p.known || !failed {
		streams = append(streams, p.others)
	}
	for _, stream := range streams {
		switch {
		case len(content) >= telling && bytes.Contains(stream, content[:telling]):
			return true
		case p.known && bytes.HasPrefix(stream, []byte(p.before+string(content)+p.after)) && p.before+p.after != "":
			return true
		case bytes.Equal(bytes.TrimSpace(stream), bytes.TrimSpace(content)) && len(bytes.TrimSpace(content)) > 0:
			return true
		}
	}
	return false
}

// showsEmpty reports whether the client has presented a reply without content.
func (p presentation) showsEmpty(failed bool) bool {
	return p.known && !failed && p.before+p.after != "" && len(p.others) == 0 && string(p.replies) == p.before+p.after
}

// manners returns the env's, or new ones.
func (e *Env) manners() *Manners {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.Manners == nil {
		e.Manners = &Manners{}
	}
	return e.Manners
}
