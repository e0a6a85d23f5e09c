package faulty

// The classes of defects: a closed vocabulary.
const (
	ByteOrder    = "byte-order"      // the length's bytes in another order
	Width        = "width"           // the length in too few bits, with a sign, or put together wrongly
	Layout       = "layout"          // what the header holds, counts or where
	Boundary     = "boundary"        // wrong at a size: limits, off by one, buffers
	Reserved     = "reserved"        // the reserved byte
	Empty        = "empty"           // messages without content
	Segmentation = "segmentation"    // one read taken for one message
	ShortWrite   = "short-write"     // one write taken for a whole message
	Text         = "text-conversion" // content treated as text
	Order        = "order"           // messages dropped, doubled, swapped
	BufferReuse  = "buffer-reuse"    // stale bytes within one session
	StateSharing = "state-sharing"   // sessions that touch each other
	Concurrency  = "concurrency"     // wrong only when sessions or messages overlap
	Unsolicited  = "unsolicited"     // bytes that nobody asked for
	Idle         = "idle"            // wrong after a pause
	Close        = "close"           // errors that do not close, or close wrongly
	Truncation   = "truncation"      // a stream that ends inside a message
	Crash        = "crash"           // the process ends
	Hang         = "hang"            // the process stays and stops serving
	Leak         = "leak"            // resources that are not given back
	ExitStatus   = "exit-status"     // a client that does as it should and says otherwise when it ends
	Handler      = "handler"         // handlers that are set, called or told wrongly, in a library
	Conformity   = "habit"           // not a defect: the class of every habit
)

// Classes returns the closed vocabulary of [Fault.Class]. The slice is the caller's own.
func Classes() []string {
	return []string{
		ByteOrder, Width, Layout, Boundary, Reserved, Empty, Segmentation, ShortWrite, Text, Order, BufferReuse,
		StateSharing, Concurrency, Unsolicited, Idle, Close, Truncation, Crash, Hang, Leak, ExitStatus, Handler,
		Conformity,
	}
}
