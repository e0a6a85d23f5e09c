package spec

// Silence is a point on which the source says nothing. A silence never fails a peer: what the peer does is recorded.
type Silence struct {
	// Number is stable; reports and PROTOCOL.md cite it.
	Number int
	// Topic is the question that the source leaves open.
	Topic string
	// Reading is how this project treats it.
	Reading string
	// Roles are the roles of which an answer is recorded.
	Roles []Role
}

// Silences returns the numbered silences in order. The slice is the caller's own.
func Silences() []Silence {
	server, client := []Role{Server}, []Role{Client}
	return []Silence{
		{1, "A received reserved byte other than 0x00.", "The receiver SHOULD close, as liboizys does; ignoring it is a warning, and a failure only under strict judging.", everyone()},
		{2, "Messages that were whole before an error in the same burst.", "Recorded: delivered or not.", everyone()},
		{3, "The peer shut down its writing side after whole messages.", "Recorded: replies still sent or not.", server},
		{4, "How long closing may take after an error.", "Recorded in milliseconds; not closed within the deadline is a failure, because an error closes the session.", everyone()},
		{5, "How many sessions a server serves at once.", "Recorded; one at a time conforms, and what needs several is skipped for that reason.", server},
		{6, "Memory set aside for a header whose content has not come.", "Recorded; it SHOULD stay far below the announced length.", server},
		{7, "A peer that writes while nobody reads.", "Recorded: it may stop reading or queue; it must lose nothing.", everyone()},
		{8, "What a command-line client prints or returns after its session failed.", "It must not present invalid content as a reply; its exit status is recorded.", client},
	}
}
