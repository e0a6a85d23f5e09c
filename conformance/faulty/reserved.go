package faulty

import "github.com/oizys-protocol/oizys/spec"

func reservedFaults() []Fault {
	return append(reservedCheckFaults(), append(reservedActionFaults(), reservedSentFaults()...)...)
}

// Faults in what passes the check.
func reservedCheckFaults() []Fault {
	return []Fault{
		{
			Name: "reserved-only-ff-refused", Class: Reserved,
			Description: "Of all wrong reserved bytes only 0xFF is refused: the one wrong value that came to mind and was tested; compare with 0x00.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate:      wrongReserved(func(b byte) bool { return b != 0xFF }),
		},
		{
			Name: "reserved-only-one-refused", Class: Reserved,
			Description: "Of all wrong reserved bytes only 0x01 is refused: taken for a boolean, == true in C or Java; compare with 0x00.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate:      wrongReserved(func(b byte) bool { return b != 1 }),
		},
		{
			Name: "reserved-low-bit-checked", Class: Reserved,
			Description: "Only the lowest bit of the reserved byte is checked: a mask for one flag, & 1, in any language; compare the whole byte with 0x00.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate:      wrongReserved(func(b byte) bool { return b&1 == 0 }),
		},
		{
			Name: "reserved-high-bit-checked", Class: Reserved,
			Description: "Only the highest bit of the reserved byte is checked: the header read as a signed 32-bit integer and tested for < 0 in Java or C; compare the byte with 0x00.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate:      wrongReserved(func(b byte) bool { return b&0x80 == 0 }),
		},
		{
			Name: "reserved-signed-check", Class: Reserved,
			Description: "Reserved bytes of 0x80 and more pass: a signed byte tested for > 0 in Java or C; test for != 0.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate:      wrongReserved(func(b byte) bool { return int8(b) <= 0 }),
		},
		{
			Name: "reserved-low-nibble-checked", Class: Reserved,
			Description: "Only the lower four bits of the reserved byte are checked: a mask copied from an opcode field, & 0x0F; compare the whole byte with 0x00.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate:      wrongReserved(func(b byte) bool { return b&0x0F == 0 }),
		},
		{
			Name: "reserved-checked-once", Class: Reserved,
			Description: "The reserved byte is checked in a session's first message alone: taken for a protocol version that is settled once; check every header.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate: eachSession(func(s *session) {
				var seen bool
				s.do.reserved = func(s *session, h header) error {
					if seen {
						return nil
					}
					seen = true
					return refuseReserved(s, h)
				}
			}),
		},
	}
}

// Faults in what is done about a wrong byte.
func reservedActionFaults() []Fault {
	ignore := wrongReserved(func(byte) bool { return true })
	return []Fault{
		{
			Name: "reserved-in-length", Class: Reserved,
			Description: "The reserved byte is the top byte of a 32-bit length, so that a wrong one waits for content that never comes: ntohl or readUInt32BE over the whole header; take the byte off first.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate: both(ignore, wrongLength(func(h header) int {
				return int(h[0])<<24 | bigEndian(nil, h)
			})),
		},
		{
			Name: "reserved-nonzero-skipped", Class: Reserved,
			Description: "A message with a wrong reserved byte is read and thrown away, and the session goes on: 'unknown type, ignored' as other protocols have it; close the session.",
			Breaks:      []string{"hdr/reserved-nonzero", "msg/empty"},
			mutate: func(do *hooks) {
				do.header = func(s *session) (header, error) {
					for {
						h, err := readHeader(s)
						if err != nil || h[0] == spec.Reserved {
							return h, err
						}
						if _, err := readContent(s, bigEndian(s, h)); err != nil {
							return h, err
						}
					}
				}
			},
		},
		{
			Name: "reserved-nonzero-resynchronises", Class: Reserved,
			Description: "Bytes are skipped until one is 0x00, and that begins a header: a resynchronisation that serial lines need; a stream socket loses nothing, so close the session.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate: func(do *hooks) {
				do.header = func(s *session) (header, error) {
					h, err := readHeader(s)
					for err == nil && h[0] != spec.Reserved {
						copy(h[:], h[1:])
						_, err = s.do.read(s, h[3:])
					}
					return h, err
				}
			},
		},
		{
			Name: "reserved-checked-late", Class: Reserved,
			Description: "A message with a wrong reserved byte is delivered, and only then the session is closed: the check stands behind the handler's call; check before the content is read.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate: func(do *hooks) {
				ignore(do)
				do.step = func(s *session) error {
					if err := receiveAndEcho(s); err != nil {
						return err
					}
					return refuseReserved(s, s.last)
				}
			},
		},
		{
			Name: "reserved-checked-behind-content", Class: Reserved,
			Description: "A message with a wrong reserved byte is refused when its content has come, and waited for until then: one function reads a message and another checks it; check the header before the content is read.",
			Breaks:      []string{"hdr/reserved-nonzero"},
			mutate:      checkedBehindContent,
		},
	}
}

// checkedBehindContent reads the content that a header announces before it looks at the reserved byte.
func checkedBehindContent(do *hooks) {
	check, content := do.reserved, do.content
	do.reserved = func(*session, header) error { return nil }
	do.content = func(s *session, n int) ([]byte, error) {
		b, err := content(s, n)
		if err != nil {
			return b, err
		}
		return b, check(s, s.last)
	}
}

// Faults in the reserved byte of replies.
func reservedSentFaults() []Fault {
	return []Fault{
		{
			Name: "reserved-echoed", Class: Reserved,
			Description: "The reserved byte is not checked, and a reply repeats it: the received header is kept and sent back, in any language; check it, and write 0x00.",
			Breaks:      []string{"hdr/reserved-zero", "hdr/reserved-nonzero"},
			mutate: func(do *hooks) {
				wrongReserved(func(byte) bool { return true })(do)
				do.encode = func(s *session, content []byte) []byte { return append(s.last[:1:1], headerOf(len(content))[1:]...) }
			},
		},
		{
			Name: "reserved-one-sent", Class: Reserved,
			Description: "Replies carry 0x01 in the reserved byte: a version or a 'final' flag put there, as in other protocols; write 0x00.",
			Breaks:      []string{"hdr/reserved-zero"},
			mutate:      wrongHeader(func(n int) []byte { return append([]byte{1}, headerOf(n)[1:]...) }),
		},
		{
			Name: "reserved-type-sent", Class: Reserved,
			Description: "Replies that are not plain ASCII carry 0x02 in the reserved byte: a 'binary' opcode, as WebSocket has it; write 0x00.",
			Breaks:      []string{"hdr/reserved-zero"},
			mutate: func(do *hooks) {
				do.encode = func(s *session, content []byte) []byte {
					h := encode(s, content)
					for _, b := range content {
						if b >= 0x80 {
							h[0] = 2
						}
					}
					return h
				}
			},
		},
		{
			Name: "reserved-counts", Class: Reserved,
			Description: "Replies carry a sequence number in the reserved byte, which begins at 0 and shows from the second on: the free byte put to use; write 0x00.",
			Breaks:      []string{"hdr/reserved-zero"},
			mutate: eachSession(func(s *session) {
				var number byte
				s.do.encode = func(s *session, content []byte) []byte {
					h := encode(s, content)
					h[0] = number
					number++
					return h
				}
			}),
		},
		{
			Name: "reserved-uninitialised", Class: Reserved,
			Description: "The reserved byte of a reply holds what was in that memory before, a byte of the last message: malloc without memset in C; write all 4 bytes of the header.",
			Breaks:      []string{"hdr/reserved-zero"},
			mutate: eachSession(func(s *session) {
				var stale byte
				s.do.encode = func(s *session, content []byte) []byte {
					h := encode(s, content)
					h[0] = stale
					stale = content[len(content)-1]
					return h
				}
			}),
		},
		{
			Name: "reserved-sign-extended", Class: Reserved,
			Description: "Replies of 8 MiB and more carry 0xFF in the reserved byte: a 24-bit length kept as a signed number and written as 32 bits in C or Java; mask it.",
			Breaks:      []string{"hdr/reserved-zero"},
			mutate: wrongHeader(func(n int) []byte {
				return append([]byte{byte(int32(uint32(n)<<8) >> 31)}, headerOf(n)[1:]...)
			}),
		},
	}
}
