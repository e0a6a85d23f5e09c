package wire

import (
	"io"

	"github.com/oizys-protocol/oizys/impl/internal/bufpool"
)

// Decoder finds the messages in a stream that arrives in pieces of any size. The zero value is ready to use.
//
// [Decoder.Feed] takes pieces that the caller holds. Who reads from a connection saves a copy: [Decoder.Space] says where
// to read to, [Decoder.Fill] how much came, [Decoder.Next] returns the messages. Memory grows with the bytes that have
// come, to at most four times as many, or 256 KiB if earlier pieces were as long, and never with a length that was only
// announced. A decoder is not safe for concurrent use.
type Decoder struct {
	// Max is the longest content accepted, in bytes; 0, and anything above it, means [MaxContentLen]. It must not be
	// changed once bytes have gone in.
	Max int

	buf  *bufpool.Buffer
	r, w int   // buf.B[r:w] came in and has not come out.
	base int64 // Position in the stream of buf.B[0].
	want int   // Length of the message at r with its header, once that header has been accepted, else 0.
	// The furthest that buf was filled since nothing was pending last, and the same of the time before, when something had
	// come in it: how large a buffer is likely to be needed.
	peak, before int
	err          error
}

// Feed takes a piece of the stream and returns the first message that is whole with it, and what of the piece is left to
// feed after that. Content is nil when the piece was used up without completing a message. The content is valid until the
// next call of any method, and no longer than the piece is.
//
// The errors are those of [Decoder.Next].
func (d *Decoder) Feed(p []byte) (content, rest []byte, err error) {
	if d.w == d.r && d.err == nil && len(p) >= HeaderLen {
		n, err := d.accept([HeaderLen]byte(p))
		if err != nil {
			return nil, nil, err
		}
		if end := HeaderLen + n; len(p) >= end {
			d.base += int64(end)
			return p[HeaderLen:end:end], p[end:], nil
		}
	}
	for d.err == nil {
		if content, err = d.Next(); content != nil || err != nil || len(p) == 0 {
			return content, p, err
		}
		need := max(d.want, HeaderLen) - (d.w - d.r)
		n := copy(d.Space(), p[:min(need, len(p))])
		d.Fill(n)
		p = p[n:]
	}
	return nil, nil, d.err
}

// Next returns the content of the next message, or nil and no error when more bytes have to come first. The content is
// valid until the next call of Feed, Space or Release.
//
// It returns [ErrReserved], [ErrEmpty] or [ErrTooLong] as soon as a whole header breaks the protocol; messages that were
// whole before it are returned first, and the error by every later call: nothing can follow it.
func (d *Decoder) Next() ([]byte, error) {
	pending := d.w - d.r
	if pending < HeaderLen || d.err != nil {
		return nil, d.err
	}
	if d.want == 0 {
		n, err := d.accept([HeaderLen]byte(d.buf.B[d.r:d.w]))
		if err != nil {
			return nil, err
		}
		d.want = HeaderLen + n
	}
	if pending < d.want {
		return nil, nil
	}
	end := d.r + d.want
	content := d.buf.B[d.r+HeaderLen : end : end]
	d.r, d.want = end, 0
	return content, nil
}

func (d *Decoder) accept(h [HeaderLen]byte) (int, error) {
	n, err := ParseHeader(h)
	if err == nil && d.Max > 0 && n > d.Max {
		err = ErrTooLong
	}
	d.err = err
	return n, err
}

// End returns what the end of the stream means now: [io.EOF] between messages, [ErrTruncatedHeader],
// [ErrTruncatedContent], or the error that Next has returned. Messages that Next has not returned yet must be taken first.
func (d *Decoder) End() error {
	switch {
	case d.err != nil:
		return d.err
	case d.w == d.r:
		return io.EOF
	case d.w-d.r < HeaderLen:
		return ErrTruncatedHeader
	}
	return ErrTruncatedContent
}

// Offset returns the position in the stream, in bytes, at which the next message begins; after an error, the position of
// the header that broke the protocol.
func (d *Decoder) Offset() int64 { return d.base + int64(d.r) }

// Fill says that n bytes of the stream have been put at the beginning of the last Space.
func (d *Decoder) Fill(n int) {
	d.w += n
	d.peak = max(d.peak, d.w)
}

// Space returns where the next bytes of the stream can be put: at least one byte. It may be called only after Next has
// returned neither content nor error, and content that Next returned before is no longer valid.
func (d *Decoder) Space() []byte {
	d.makeRoom()
	free := d.buf.B[d.w:cap(d.buf.B)]
	// Inside a long message, stop at its end: what follows would have to be moved to the front.
	if rest := d.want - (d.w - d.r); d.want > bufpool.Large/4 && rest < len(free) {
		free = free[:rest]
	}
	return free
}

func (d *Decoder) makeRoom() {
	if d.buf == nil {
		d.buf = d.guess(bufpool.Small)
		return
	}
	size := cap(d.buf.B)
	switch full := d.w == size; {
	case full && (size < maxGuess || d.r == 0):
		d.replace(d.guess(size + 1)) // One message fills the buffer, or one read: then read more at a time.
	case d.r == 0:
	case full || d.w == d.r || d.r+d.want > size:
		d.moveTo(d.buf)
	}
}

// maxGuess is the largest buffer that is allocated because of what came before, and not because one message fills it.
const maxGuess = bufpool.Large

// guess gets a buffer of at least n bytes, and as large as the last one had to be. More than maxGuess is used for that
// only when it is there already.
func (d *Decoder) guess(n int) *bufpool.Buffer {
	likely := max(d.peak, d.before)
	if likely > max(n, maxGuess) {
		if b := bufpool.Idle(likely); b != nil {
			return b
		}
	}
	return bufpool.Get(max(n, min(likely, maxGuess)))
}

func (d *Decoder) replace(b *bufpool.Buffer) {
	old := d.buf
	d.moveTo(b)
	bufpool.Put(old)
}

// moveTo puts what is pending at the beginning of a buffer, which may be the current one.
func (d *Decoder) moveTo(b *bufpool.Buffer) {
	n := copy(b.B[:cap(b.B)], d.buf.B[d.r:d.w])
	d.base += int64(d.r)
	d.buf, d.r, d.w = b, 0, n
}

// Release gives back memory that is not needed until more bytes come. Content that Next returned is no longer valid. The
// decoder can be used on.
func (d *Decoder) Release() {
	switch pending := d.w - d.r; {
	case d.buf == nil:
	case pending == 0:
		bufpool.Put(d.buf)
		d.base += int64(d.r)
		d.buf, d.r, d.w = nil, 0, 0
		if d.peak > 0 { // Otherwise nothing came, which says nothing.
			d.before, d.peak = d.peak, 0
		}
	case pending <= bufpool.Small/2 && cap(d.buf.B) > bufpool.Small:
		d.replace(bufpool.Get(bufpool.Small))
	}
}

// Reset makes the decoder ready for a new stream with the same Max, and gives back its memory.
func (d *Decoder) Reset() {
	d.r, d.w = 0, 0
	d.Release()
	*d = Decoder{Max: d.Max}
}
