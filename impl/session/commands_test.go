package session_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"
	"github.com/leanovate/gopter/gen"
	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/impl/session"
	"github.com/oizys-protocol/oizys/impl/session/sessiontest"
)

// The commands. All of them are legal in every state, so that a shrunk sequence is one too.
const (
	setMessage = "OnMessage"
	setClose   = "OnClose"
	doSend     = "Send"
	doBurst    = "Send several"
	doClose    = "Close"
	doAbort    = "Abort"
	peerSends  = "peer sends"
	peerEnds   = "peer half-closes"
	peerGoes   = "peer closes"
	peerStalls = "peer stops reading"
	peerReads  = "peer reads"
	timePasses = "time passes"
)

// step is one command.
type step struct{ act, text string }

func (s step) String() string {
	if s.text == "" {
		return s.act
	}
	return fmt.Sprintf("%s %q", s.act, s.text)
}

func (s step) PreCondition(commands.State) bool { return true }

func (s step) NextState(state commands.State) commands.State { return state.(model).apply(s) }

// Run does the command and waits until the session has nothing more to do. It cannot hang: a deadlock ends the test.
func (s step) Run(sut commands.SystemUnderTest) commands.Result {
	return sut.(*tested).do(s)
}

// PostCondition is given the state after the command.
func (s step) PostCondition(state commands.State, result commands.Result) *gopter.PropResult {
	m, o := state.(model), result.(observed)
	if differs := m.differs(o); differs != "" {
		return &gopter.PropResult{
			Status: gopter.PropFalse,
			Labels: []string{fmt.Sprintf("after %q: %s\nexpected %+v\nactual   %+v", s, differs, m, o)},
		}
	}
	return &gopter.PropResult{Status: gopter.PropTrue}
}

// tested is a session whose peer is played by the commands.
type tested struct {
	s    *session.Session
	conn *sessiontest.Conn
	saw  observed
}

func newTested(nonBlocking bool) *tested {
	sut := &tested{conn: sessiontest.NewConn()}
	opts := session.Options{
		MaxQueued: modelBound,
		OnPanic:   func(any, []byte) { sut.saw.panics++ },
	}
	if nonBlocking {
		sut.s = session.NewNonBlocking(sut.conn, sut.conn.TryWrite, opts)
	} else {
		sut.s = session.New(sut.conn, opts)
	}
	return sut
}

func (sut *tested) onMessage(content []byte) {
	sut.saw.delivered = append(sut.saw.delivered, string(content))
	switch content[0] {
	case thenPanic:
		panic("on purpose")
	case thenClose:
		sut.s.Close()
	case thenReply:
		_, _ = sut.s.Send([]byte(reply))
	}
}

func (sut *tested) onClose(cause error) {
	sut.saw.closeRuns++
	sut.saw.closeCause = cause
}

func (sut *tested) do(s step) observed {
	sut.saw.queued, sut.saw.err = 0, nil
	switch s.act {
	case setMessage:
		sut.saw.err = sut.s.OnMessage(sut.onMessage)
	case setClose:
		sut.saw.err = sut.s.OnClose(sut.onClose)
	case doSend:
		sut.saw.queued, sut.saw.err = sut.s.Send([]byte(s.text))
	case doBurst:
		for _, text := range burst {
			_, _ = sut.s.Send([]byte(text)) // Whether the first one's failure is known by the last is open.
		}
	case doClose:
		sut.s.Close()
	case doAbort:
		sut.s.Abort()
	case timePasses:
		time.Sleep(time.Minute)
	default:
		sut.peer(s)
	}
	// A message may wait a little, for others to be written with it.
	time.Sleep(10 * time.Millisecond)
	synctest.Wait()
	seen := sut.saw
	seen.cause = sut.s.Err()
	sut.conn.Update(func(c *sessiontest.State) { seen.out = string(c.Out) })
	select {
	case <-sut.s.Done():
		seen.over = true
	default:
	}
	return seen
}

func (sut *tested) peer(s step) {
	sut.conn.Update(func(c *sessiontest.State) {
		switch s.act {
		case peerSends:
			if !c.EOF {
				c.In = append(c.In, s.text...)
			}
		case peerEnds:
			c.EOF = true
		case peerGoes:
			c.EOF, c.Gone = true, true
		case peerStalls:
			c.Stalled = true
		case peerReads:
			c.Stalled = false
		default:
			panic("unknown command " + s.act)
		}
	})
}

func genStep(commands.State) gopter.Gen {
	one := func(act string, texts ...string) gopter.Gen {
		var all []any
		for _, text := range texts {
			all = append(all, step{act, text})
		}
		if len(all) == 0 {
			all = []any{step{act, ""}}
		}
		return gen.OneConstOf(all...)
	}
	return gen.Frequency(map[int]gopter.Gen{
		// The weights are keys, so each is used once.
		20: one(peerSends, encoded("Hi"), encoded("foo")+encoded("bar"), encoded("\x00\x00\x00\x01"),
			encoded("rsvp"), encoded("rsvp")+encoded("panic")+encoded("rsvp"), encoded("close")+encoded("late")),
		5:  one(peerSends, "\x00", "\x00\x00", "\x00\x02Hi", "H", "i\x00\x00\x00"),
		1:  one(peerSends, "\x01\x00\x00\x01!"+encoded("late"), "\x00\x00\x00\x00"+encoded("late"), encoded("last")+"\xff\xff\xff\xff"),
		4:  one(doBurst),
		15: one(doSend, "a", "bc", "", longText),
		7:  gen.OneConstOf(step{act: setMessage}, step{act: setClose}),
		6:  gen.OneConstOf(step{act: peerStalls}, step{act: peerReads}),
		2:  gen.OneConstOf(step{act: doClose}, step{act: doAbort}, step{act: timePasses}),
		3:  gen.OneConstOf(step{act: peerEnds}, step{act: peerGoes}, step{act: timePasses}),
	}).Map(func(s step) commands.Command { return s })
}

// So many of these are above the bound, while all replies that one sequence can ask for are not.
var longText = string(pattern(80))

func TestSessionAgainstItsModel(t *testing.T) {
	t.Run("socket", func(t *testing.T) { againstModel(t, 20, true) })
	t.Run("conn", func(t *testing.T) { againstModel(t, 21, false) })
}

func againstModel(t *testing.T, seed int64, nonBlocking bool) {
	// In a bubble the commands' goroutines are waited for exactly, and a command that hangs fails the test.
	synctest.Test(t, func(t *testing.T) {
		parameters := gopter.DefaultTestParametersWithSeed(seed)
		parameters.MinSuccessfulTests = 1000
		parameters.MaxSize = 25
		parameters.Workers = 1
		ran := 0
		properties := gopter.NewProperties(parameters)
		properties.Property("the session does what its model says", commands.Prop(&commands.ProtoCommands{
			NewSystemUnderTestFunc: func(commands.State) commands.SystemUnderTest {
				ran++
				return newTested(nonBlocking)
			},
			DestroySystemUnderTestFunc: func(sut commands.SystemUnderTest) {
				sut.(*tested).s.Abort()
				<-sut.(*tested).s.Done()
			},
			InitialStateGen: gen.Const(model{}),
			GenCommandFunc:  genStep,
		}))
		properties.TestingRun(t)
		require.GreaterOrEqual(t, ran, parameters.MinSuccessfulTests)
	})
}
