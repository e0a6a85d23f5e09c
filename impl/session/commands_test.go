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

// step is one command. All of them are legal in every state, so that a shrunk sequence is one too.
type step struct {
	act  sessiontest.Act
	text string
}

// doBurst sends several messages, without waiting in between.
const doBurst = sessiontest.TimePasses + 1

var burst = []string{"d", "ef", "ghi", "j"}

func (s step) String() string {
	name := s.act.String()
	if s.act == doBurst {
		name = "Send several"
	}
	if s.text == "" {
		return name
	}
	return fmt.Sprintf("%s %q", name, s.text)
}

func (s step) PreCondition(commands.State) bool { return true }

// NextState leaves the old state as it is, since gopter may keep it.
func (s step) NextState(state commands.State) commands.State {
	old := state.(sessiontest.Model)
	m := old.Clone()
	if s.act != doBurst {
		m.Apply(s.act, []byte(s.text))
		return m
	}
	for _, text := range burst {
		m.Apply(sessiontest.Send, []byte(text))
	}
	m.Queued, m.Err = 0, nil // Whether the first one's failure is known by the last is open.
	return m
}

// Run does the command and waits until the session has nothing more to do. It cannot hang: a deadlock ends the test.
func (s step) Run(sut commands.SystemUnderTest) commands.Result {
	return sut.(*tested).do(s)
}

// PostCondition is given the state after the command.
func (s step) PostCondition(state commands.State, result commands.Result) *gopter.PropResult {
	m, o := state.(sessiontest.Model), result.(observed)
	if differs := o.differs(&m); differs != "" {
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
	case sessiontest.ThenPanic:
		panic("on purpose")
	case sessiontest.ThenClose:
		sut.s.Close()
	case sessiontest.ThenReply:
		_, _ = sut.s.Send([]byte(sessiontest.Reply))
	}
}

func (sut *tested) onClose(cause error) {
	sut.saw.closeRuns++
	sut.saw.closeCause = cause
}

func (sut *tested) do(s step) observed {
	sut.saw.queued, sut.saw.err = 0, nil
	switch s.act {
	case sessiontest.SetMessage:
		sut.saw.err = sut.s.OnMessage(sut.onMessage)
	case sessiontest.SetClose:
		sut.saw.err = sut.s.OnClose(sut.onClose)
	case sessiontest.Send:
		sut.saw.queued, sut.saw.err = sut.s.Send([]byte(s.text))
	case doBurst:
		for _, text := range burst {
			_, _ = sut.s.Send([]byte(text)) // See NextState.
		}
	case sessiontest.Close:
		sut.s.Close()
	case sessiontest.Abort:
		sut.s.Abort()
	case sessiontest.TimePasses:
		time.Sleep(time.Minute)
	default:
		if !s.act.ByPeer() {
			panic("unknown command " + s.String())
		}
		sut.conn.Update(func(c *sessiontest.State) { c.Play(s.act, []byte(s.text)) })
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

func genStep(commands.State) gopter.Gen {
	one := func(act sessiontest.Act, texts ...string) gopter.Gen {
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
		20: one(sessiontest.PeerSends, encoded("Hi"), encoded("foo")+encoded("bar"), encoded("\x00\x00\x00\x01"),
			encoded("rsvp"), encoded("rsvp")+encoded("panic")+encoded("rsvp"), encoded("close")+encoded("late")),
		5:  one(sessiontest.PeerSends, "\x00", "\x00\x00", "\x00\x02Hi", "H", "i\x00\x00\x00"),
		1:  one(sessiontest.PeerSends, "\x01\x00\x00\x01!"+encoded("late"), "\x00\x00\x00\x00"+encoded("late"), encoded("last")+"\xff\xff\xff\xff"),
		4:  one(doBurst),
		15: one(sessiontest.Send, "a", "bc", "", longText),
		7:  gen.OneConstOf(step{act: sessiontest.SetMessage}, step{act: sessiontest.SetClose}),
		6:  gen.OneConstOf(step{act: sessiontest.PeerStalls}, step{act: sessiontest.PeerReads}),
		2:  gen.OneConstOf(step{act: sessiontest.Close}, step{act: sessiontest.Abort}, step{act: sessiontest.TimePasses}),
		3:  gen.OneConstOf(step{act: sessiontest.PeerEnds}, step{act: sessiontest.PeerGoes}, step{act: sessiontest.TimePasses}),
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
			InitialStateGen: gen.Const(sessiontest.Model{Bound: modelBound}),
			GenCommandFunc:  genStep,
		}))
		properties.TestingRun(t)
		require.GreaterOrEqual(t, ran, parameters.MinSuccessfulTests)
	})
}
