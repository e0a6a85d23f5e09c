// Package report is what a conformance run found, as data, and the formats in which it is written.
//
// Begin with [Report]: the runner fills one; [Write] and the writers behind it turn it into text, JSON, JUnit XML or
// Markdown, and [Read] reads the JSON again. [Annotate] shows the bytes of a transcript field by field; [Progress] tells
// how a run is going. Whatever came from the peer is escaped in every format, as [Printable] does.
//
// Judging is not done here: a report carries verdicts, it makes none, save for [Decide], which is how the verdicts of
// the cases make one result. Nor is recording: transcripts come from the connections.
package report

import "time"

// Schema names the JSON form of a Report; its schema is docs/report.schema.json.
const Schema = "oizys-report/1"

// Verdict is what a case came to.
type Verdict string

// The verdicts, a closed vocabulary.
const (
	Pass  Verdict = "pass"  // every requirement that the case shows was kept
	Fail  Verdict = "fail"  // a MUST was broken
	Warn  Verdict = "warn"  // a SHOULD was broken
	Info  Verdict = "info"  // the source is silent; what the peer did is recorded
	Skip  Verdict = "skip"  // not judged, for the stated reason
	Error Verdict = "error" // the harness could not judge
)

// Verdicts returns every verdict in the order in which summaries list them.
func Verdicts() []Verdict { return []Verdict{Pass, Fail, Warn, Info, Skip, Error} }

// Result is what a whole run came to.
type Result string

// The results, a closed vocabulary.
const (
	Conforming    Result = "conforming"
	NonConforming Result = "non-conforming"
	Inconclusive  Result = "inconclusive"
)

// Report is one run of the suite against one peer.
type Report struct {
	Schema string `json:"schema"`
	Result Result `json:"result"`
	// Why says in one sentence what made the result what it is.
	Why    string `json:"why"`
	Role   string `json:"role"`
	Suite  Suite  `json:"suite"`
	Peer   Peer   `json:"peer"`
	Seed   uint64 `json:"seed"`
	Strict bool   `json:"strict"`
	Jobs   int    `json:"jobs"`
	Repeat int    `json:"repeat"`
	// Shard says which part of a run this is, if it was split; [Merge] puts the parts together.
	Shard   *Shard  `json:"shard,omitempty"`
	Summary Summary `json:"summary"`
	// Known is the list of expected failures that the run was given, see [Report.ExpectFailures].
	Known []Known `json:"known,omitempty"`
	// Started is the wall-clock time of the run's beginning; DurationMS how long it took.
	Started    time.Time `json:"started"`
	DurationMS float64   `json:"duration_ms"`
	// Rejudged identifies the suite by which the peer was judged when it ran, where this is not that judgement.
	Rejudged *Suite `json:"rejudged,omitempty"`
	Cases    []Case `json:"cases"`
	// Diagnosis is which known mistake explains the findings best; nil without findings.
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`
	// Complete is false while a run is cut short (a signal, a harness fault); written last.
	Complete bool `json:"complete"`
}

// Suite identifies what the peer was judged by.
type Suite struct {
	Version       string `json:"version"`
	VectorsDigest string `json:"vectors_digest"`
	// Cases is how many cases the catalogue holds for the role, chosen or not.
	Cases int `json:"cases"`
}

// Peer identifies what was judged.
type Peer struct {
	// Command is the command line as given, before substitution; empty for an attached peer.
	Command []string `json:"command"`
	// Attach is the socket of a peer that was already running, or empty.
	Attach string `json:"attach,omitempty"`
	// Embedded is true for the built-in reference.
	Embedded bool `json:"embedded,omitempty"`
	// Sessions is how many sessions at once the peer was seen to serve, up to the number that was tried; 0 if unknown.
	Sessions int `json:"sessions,omitempty"`
	// RoundTripMS is the median time of one small echo; DeadlineMS the deadline made from it.
	RoundTripMS float64 `json:"round_trip_ms,omitempty"`
	DeadlineMS  float64 `json:"deadline_ms,omitempty"`
	// Starts is how often the peer was started.
	Starts int `json:"starts,omitempty"`
	// Output is the end of what the peer printed on stdout and stderr, capped; Exit its last exit status or signal, and
	// whether it was the suite that had ended it.
	Output string `json:"output,omitempty"`
	Exit   string `json:"exit,omitempty"`
}

// MaxShards is into how many parts a run is split at most: far more than there are machines for one.
const MaxShards = 1000

// Shard is one part of a run that was split.
type Shard struct {
	// Index is which part this is, from 1 to Count, which is [MaxShards] at most.
	Index int `json:"index"`
	Count int `json:"count"`
	// Chosen is how many cases the parts have together, each counted once, and Digest what [DigestOf] makes of their IDs.
	Chosen int    `json:"chosen"`
	Digest string `json:"digest"`
}

// Summary counts the cases by verdict.
type Summary struct {
	Pass  int `json:"pass"`
	Fail  int `json:"fail"`
	Warn  int `json:"warn"`
	Info  int `json:"info"`
	Skip  int `json:"skip"`
	Error int `json:"error"`
}

// Case is one case's outcome.
type Case struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Requirements []string `json:"requirements"`
	Verdict      Verdict  `json:"verdict"`
	// Expected and Actual are each one sentence. For a skip, Actual is the reason. Both are empty for a plain pass.
	Expected   string  `json:"expected"`
	Actual     string  `json:"actual"`
	DurationMS float64 `json:"duration_ms"`
	// Known is the reason why this failure is expected, or empty.
	Known string `json:"known,omitempty"`
	// Replay is a command line that runs this case alone or, for one that is judged by the whole run, the same cases again.
	Replay string `json:"replay"`
	// Measured holds what was recorded: names with their unit, such as "closed_after_ms".
	Measured map[string]float64 `json:"measured,omitempty"`
	// Verdicts holds each repetition's verdict when the run was repeated; Flaky is true when they differ.
	Verdicts []Verdict `json:"verdicts,omitempty"`
	Flaky    bool      `json:"flaky,omitempty"`
	// Shared is true in a shard's report for a case that belongs to another shard and was run here because cases of this
	// one rest on it.
	Shared   bool      `json:"shared,omitempty"`
	Evidence *Evidence `json:"evidence,omitempty"`
	// Recording is there for a case that was run and judged, so that it can be judged again.
	Recording *Recording `json:"recording,omitempty"`
}

// Evidence is what a verdict other than pass rests on.
type Evidence struct {
	// Requirements are the rules in question, in full.
	Requirements []Rule `json:"requirements"`
	// Sessions are the connections that matter, the failing one first.
	Sessions []Transcript `json:"sessions,omitempty"`
	// Hints are likely causes that the bytes suggest, the likeliest first.
	Hints []string `json:"hints,omitempty"`
	// PeerOutput is the end of what the peer had printed at that time; PeerExit its exit status or signal if it ended.
	PeerOutput string `json:"peer_output,omitempty"`
	PeerExit   string `json:"peer_exit,omitempty"`
	// PeerStacks is what a peer that hung printed on SIGQUIT: the stacks of its threads, where its runtime prints them.
	PeerStacks string `json:"peer_stacks,omitempty"`
}

// Rule is a requirement as a report cites it.
type Rule struct {
	ID        string `json:"id"`
	Level     string `json:"level"`
	Statement string `json:"statement"`
	Source    string `json:"source"`
}

// Transcript is what went over one connection, oldest first, capped.
type Transcript struct {
	Name   string  `json:"name"`
	Events []Event `json:"events"`
	// Dropped counts events left out at the cap, from the middle of the transcript.
	Dropped int `json:"dropped,omitempty"`
}

// Direction says what an Event is.
type Direction string

// The directions, a closed vocabulary, from the runner's side.
const (
	Sent       Direction = "sent"        // bytes written by the runner
	Received   Direction = "received"    // bytes written by the peer
	HalfClosed Direction = "half-closed" // the runner shut down its writing side
	Closed     Direction = "closed"      // the runner closed the connection
	PeerClosed Direction = "peer-closed" // end of stream, ECONNRESET or EPIPE seen; Note says which
	Waited     Direction = "waited"      // a deadline passed; Note says for what
)

// Event is one thing that happened on a connection.
type Event struct {
	// AtMS is the time since the connection was made.
	AtMS      float64   `json:"at_ms"`
	Direction Direction `json:"direction"`
	// Offset is where in its direction's byte stream the bytes begin; Length how many there were.
	Offset int64 `json:"offset,omitempty"`
	Length int   `json:"length,omitempty"`
	// Hex holds the first bytes, lower case, without separators; fewer than Length when capped.
	Hex  string `json:"hex,omitempty"`
	Note string `json:"note,omitempty"`
}
