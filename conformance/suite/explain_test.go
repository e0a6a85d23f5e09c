package suite

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oizys-protocol/oizys/conformance/model"
	"github.com/oizys-protocol/oizys/conformance/report"
	"github.com/oizys-protocol/oizys/conformance/transport"
)

func TestNumbersAsPeopleReadThem(t *testing.T) {
	for _, row := range []struct {
		n    int
		want string
	}{
		{0, "0"}, {7, "7"}, {999, "999"}, {1000, "1,000"}, {65535, "65,535"}, {100000, "100,000"}, {16777215, "16,777,215"},
	} {
		require.Equal(t, row.want, group(row.n))
	}
	require.Equal(t, "1 byte", count(1, "byte"))
	require.Equal(t, "0 bytes", count(0, "byte"))
	require.Equal(t, "1,024 bytes", count(1024, "byte"))
}

func TestReasonOfAClose(t *testing.T) {
	for _, row := range []struct {
		name  string
		wire  string
		ended bool
		want  string
	}{
		{"reserved byte", "\x01\x00\x00\x01x", false, "a reserved byte other than 0x00"},
		{"empty", "\x00\x00\x00\x00", false, "a header that announces no content"},
		{"inside a header", "\x00\x00", true, "an end of stream inside a header"},
		{"inside content", "\x00\x00\x00\x02x", true, "an end of stream inside content"},
		{"between messages", "", true, "an end of stream between messages"},
		{"behind a message", "\x00\x00\x00\x01x\x00\x00\x00\x00", false, "a header that announces no content behind 1 valid message"},
		{"behind two", "\x00\x00\x00\x01x\x00\x00\x00\x01y\x00", true, "an end of stream inside a header behind 2 valid messages"},
	} {
		t.Run(row.name, func(t *testing.T) { require.Equal(t, row.want, reason(model.Judge([]byte(row.wire), row.ended))) })
	}
}

func TestPlaceAndProgress(t *testing.T) {
	x := exchange{sent: join(frame([]byte("Hi")), frame([]byte("foo")))} // 6 and 7 bytes
	for _, row := range []struct {
		offset, whole, inside, length int
		progress                      string
	}{
		{0, 0, 0, 6, "no byte"},
		{1, 0, 1, 6, "1 byte of the answer's 6"},
		{5, 0, 5, 6, "5 bytes of the answer's 6"},
		{6, 1, 0, 7, "the answers to 1 message"},
		{9, 1, 3, 7, "the answers to 1 message and 3 bytes of the next one's 7"},
		{13, 2, 0, 0, "the answers to 2 messages"},
	} {
		t.Run(fmt.Sprint("offset ", row.offset), func(t *testing.T) {
			whole, inside, length := x.place(row.offset)
			require.Equal(t, [3]int{row.whole, row.inside, row.length}, [3]int{whole, inside, length})
			require.Contains(t, x.progress(transport.State{Matched: int64(row.offset)}), row.progress)
		})
	}
}

// What is no wrong answer: none, a close, a fault of the runner's own.
func TestMissingAnswersAreExplained(t *testing.T) {
	hi := frame([]byte("Hi"))
	fault := errors.New("the runner's own")
	for _, row := range []struct {
		name    string
		state   transport.State
		err     error
		verdict report.Verdict
		actual  string
	}{
		{"closed without an answer", transport.State{Want: 6, Ended: "end of stream"}, nil, report.Fail, "the server closed the session (end of stream) after no byte"},
		{"closed inside the answer", transport.State{Want: 6, Got: 4, Matched: 4, Ended: "ECONNRESET", Next: hi[4:]}, nil, report.Fail, "(ECONNRESET) after 4 bytes of the answer's 6"},
		{"a fault of the runner's own", transport.State{Want: 6, Err: fault}, fault, report.Error, "the runner's own"},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := exchange{sent: hi}.judgeOpen(t.Context(), row.state, row.err)
			require.NotNil(t, f)
			require.Equal(t, row.verdict, f.Verdict)
			require.Contains(t, f.Actual, row.actual)
			require.False(t, f.Stalled)
		})
	}
}

// What a server sends behind a wrong reserved byte tells one that ignores it, a warning, from one that is wrong.
func TestReservedByteIgnoredOrWrong(t *testing.T) {
	bad, empty := rawFrame(0x7f, 3, []byte("bad")), rawFrame(0x7f, 0, nil)
	tail := frame(content("bait behind the error", 32))
	for _, row := range []struct {
		name        string
		wire, came  []byte
		verdict     report.Verdict
		requirement string
	}{
		{"the message is answered", bad, join(frame([]byte("bad")), tail), report.Warn, "hdr/reserved-nonzero"},
		{"the message is answered, and no more came yet", bad, frame([]byte("bad")), report.Warn, "hdr/reserved-nonzero"},
		{"a part of the answer came", bad, frame([]byte("bad"))[:5], report.Warn, "hdr/reserved-nonzero"},
		{"the message is left out", bad, tail, report.Warn, "hdr/reserved-nonzero"},
		{"a part of what is behind it came", bad, tail[:6], report.Warn, "hdr/reserved-nonzero"},
		{"behind a valid message", join(frame([]byte("valid")), bad), join(frame([]byte("bad")), tail), report.Warn, "hdr/reserved-nonzero"},
		{"two of them are answered", join(bad, bad), join(frame([]byte("bad")), frame([]byte("bad")), tail), report.Warn, "hdr/reserved-nonzero"},
		{"two of them are left out", join(bad, bad), tail, report.Warn, "hdr/reserved-nonzero"},
		{"it is sent back", bad, join(bad, tail), report.Fail, "hdr/reserved-zero"},
		{"another one is sent", bad, rawFrame(0x01, 3, []byte("bad")), report.Fail, "hdr/reserved-zero"},
		{"other content is answered", bad, frame([]byte("BAD")), report.Fail, ""},
		{"an empty one with it is answered", empty, frame(nil), report.Fail, ""},
		{"an error message", bad, frame([]byte("error: bad header")), report.Fail, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			out := model.Judge(row.wire, false)
			require.Equal(t, model.Reserved, out.End)
			x := exchange{sent: row.wire, tail: tail, out: out}
			valid := int64(out.Valid)
			s := transport.State{Want: valid, Matched: valid, Got: valid + int64(len(row.came)), Stray: row.came}
			f := x.afterError(s, "closed")
			require.Equal(t, row.verdict, f.Verdict, f.Actual)
			require.Equal(t, row.requirement, f.Requirement)
			require.NotEmpty(t, f.Actual)
		})
	}
}

// An error other than the reserved byte that does not close is a failure, whatever comes.
func TestBaitBehindAnErrorIsAFailure(t *testing.T) {
	tail := frame(content("bait behind the error", 32))
	for _, wire := range [][]byte{rawFrame(0, 0, nil), join(frame([]byte("valid")), rawFrame(0, 0, nil))} {
		out := model.Judge(wire, false)
		x := exchange{sent: wire, tail: tail, out: out}
		for n := 1; n <= len(tail); n++ {
			s := transport.State{Want: int64(out.Valid), Matched: int64(out.Valid), Got: int64(out.Valid + n), Stray: tail[:n]}
			f := x.afterError(s, "closed")
			require.Equal(t, report.Fail, f.Verdict)
			require.Contains(t, f.Actual, "the session went on")
		}
	}
}

func TestAnnouncedMemory(t *testing.T) {
	const announced = 16 * 16_777_215
	for _, row := range []struct {
		name    string
		grown   int64
		verdict report.Verdict
	}{
		{"shrunk", -5_000_000, report.Info},
		{"nothing", 0, report.Info},
		{"below a quarter", announced/4 - 1, report.Info},
		{"a quarter", announced / 4, report.Warn},
		{"all of it", announced, report.Warn},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := judgeAnnounced(row.grown, announced)
			require.Equal(t, row.verdict, f.Verdict)
			require.Equal(t, float64(max(row.grown, 0)), f.Measured["growth_bytes"])
			require.Equal(t, float64(announced), f.Measured["announced_bytes"])
			require.Contains(t, f.Actual, "268,435,440 bytes announced")
		})
	}
}

func TestMillisNeverGoBack(t *testing.T) {
	require.Equal(t, 0.0, millis(-time.Second))
	require.Equal(t, 1.5, millis(1500*time.Microsecond))
}
