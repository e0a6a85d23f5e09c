package faulty

import (
	"bytes"
	"io"
	"slices"

	"github.com/oizys-protocol/oizys/spec"
)

func boundaryFaults() []Fault {
	return slices.Concat(limitFaults(), specialLengthFaults(), bufferFaults())
}

func limitFaults() []Fault {
	return []Fault{
		{
			Name: "limit-one-too-low", Class: Boundary,
			Description: "The longest message, 16,777,215 bytes, is refused: >= in place of > in the check, in any language; the limit itself is allowed.",
			Breaks:      []string{"msg/sizes"},
			mutate:      limited(spec.MaxContentLen - 1),
		},
		{
			Name: "limit-16-million", Class: Boundary,
			Description: "Messages above 16,000,000 bytes are refused: 16 MB taken for a decimal number; the limit is 2^24 - 1.",
			Breaks:      []string{"msg/sizes"},
			mutate:      limited(16_000_000),
		},
		{
			Name: "limit-1-mib", Class: Boundary,
			Description: "Messages above 1 MiB are refused: the default limit of a framework, such as a maximum payload in Node or Python; raise it to 2^24 - 1.",
			Breaks:      []string{"msg/sizes"},
			mutate:      limited(1 << 20),
		},
		{
			Name: "limit-64-kib", Class: Boundary,
			Description: "Messages above 65,535 bytes are refused: a fixed buffer of that size in C, a Scanner's limit in Go; allocate what is announced, as it comes.",
			Breaks:      []string{"msg/sizes"},
			mutate:      limited(0xFFFF),
		},
		{
			Name: "limit-4-kib", Class: Boundary,
			Description: "Messages of 4,096 bytes and more are refused: char buf[4096] with room for a terminator in C; allocate what is announced, as it comes.",
			Breaks:      []string{"msg/sizes"},
			mutate:      limited(4095),
		},
		{
			Name: "limit-checked-late", Class: Boundary,
			Description: "Messages above 128 KiB are read whole and then refused: a limit that the protocol does not have, checked after the work is done; there is none below 2^24 - 1.",
			Breaks:      []string{"msg/sizes"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n)
					if err == nil && n > 128<<10 {
						err = errSize
					}
					return content, err
				}
			},
		},
	}
}

func specialLengthFaults() []Fault {
	return []Fault{
		{
			Name: "one-byte-refused", Class: Boundary,
			Description: "Messages of one byte are refused: <= 1 in place of < 1 in the check for empty ones, in any language; the shortest content has one byte.",
			Breaks:      []string{"msg/sizes"},
			mutate:      refused(func(n int) bool { return n <= 1 }),
		},
		{
			Name: "multiples-of-256-refused", Class: Boundary,
			Description: "Messages whose length is a multiple of 256 are refused as empty: only the header's last byte is looked at; check the whole length.",
			Breaks:      []string{"msg/sizes"},
			mutate:      refused(func(n int) bool { return n&0xFF == 0 }),
		},
		{
			Name: "multiples-of-65536-refused", Class: Boundary,
			Description: "Messages whose length is a multiple of 65,536 are refused as empty: the length is narrowed to uint16_t for the check alone in C; check the whole length.",
			Breaks:      []string{"msg/sizes"},
			mutate:      refused(func(n int) bool { return n&0xFFFF == 0 }),
		},
		{
			Name: "length-65535-refused", Class: Boundary,
			Description: "Messages of exactly 65,535 bytes are refused: room for a terminator, (uint16_t)(n + 1), is 0 and the allocation fails in C; compute sizes in size_t.",
			Breaks:      []string{"msg/sizes"},
			mutate:      refused(func(n int) bool { return n == 0xFFFF }),
		},
		{
			Name: "header-byte-ff-ends", Class: Boundary,
			Description: "A header with a byte 0xFF in its length ends the session: char c = getc() compared with EOF in C; keep the result in an int.",
			Breaks:      []string{"hdr/length", "msg/sizes"},
			mutate: func(do *hooks) {
				do.header = func(s *session) (header, error) {
					h, err := readHeader(s)
					if err == nil && bytes.IndexByte(h[1:], 0xFF) >= 0 {
						err = io.EOF
					}
					return h, err
				}
			},
		},
		{
			Name: "buffer-multiple-waits", Class: Boundary,
			Description: "Messages whose length is a multiple of 4,096 wait for a byte more: a loop that ends with the first short read of a 4 KiB buffer, in C; count the bytes.",
			Breaks:      []string{"msg/sizes", "stream/coalesced"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n)
					if err == nil && n%4096 == 0 {
						_, err = s.do.read(s, make([]byte, 1))
					}
					return content, err
				}
			},
		},
		{
			Name: "content-one-too-many", Class: Boundary,
			Description: "One byte more than announced is read as content and lost: <= in place of < in the loop in C; read exactly the announced length.",
			Breaks:      []string{"msg/sizes", "hdr/length"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content, err := readContent(s, n+1)
					return content[:min(n, len(content))], err
				}
			},
		},
		{
			Name: "content-one-too-few", Class: Boundary,
			Description: "One byte less than announced is read as content, and the last taken for the next header: < n - 1 after fgets in C; read exactly the announced length.",
			Breaks:      []string{"msg/sizes", "hdr/length"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) { return readContent(s, n-1) }
			},
		},
	}
}

func bufferFaults() []Fault {
	return []Fault{
		{
			Name: "content-cut-at-4-kib", Class: Boundary,
			Description: "Content is cut to 4,096 bytes and the rest thrown away: a copy bounded by a fixed buffer, strncpy or snprintf in C; allocate what is announced, as it comes.",
			Breaks:      []string{"msg/sizes", "msg/binary"},
			mutate:      converted(func(content []byte) []byte { return content[:min(len(content), 4096)] }),
		},
		{
			Name: "long-content-in-parts", Class: Boundary,
			Description: "Content above 64 KiB comes back as several messages: each buffer that is full is passed on as one, in Node's 'data' event or a Go pump; one message in, one out.",
			Breaks:      []string{"msg/sizes", "stream/split"},
			mutate: func(do *hooks) {
				do.echo = func(s *session, content []byte) error {
					for part := range slices.Chunk(content, pieceLen) {
						if err := s.send(part); err != nil {
							return err
						}
					}
					return nil
				}
			},
		},
		{
			Name: "terminator-overwrites-last", Class: Boundary,
			Description: "The last byte of content of exactly 4,096 bytes becomes NUL: buf[sizeof buf - 1] = 0 once the buffer is full in C; binary content has no terminator.",
			Breaks:      []string{"msg/binary", "msg/sizes"},
			mutate: converted(func(content []byte) []byte {
				if len(content) == 4096 {
					content[4095] = 0
				}
				return content
			}),
		},
		{
			Name: "chunk-boundary-byte-lost", Class: Boundary,
			Description: "The last byte of each full 64 KiB of content becomes NUL: a copy in chunks that is one short, memcpy(dst, src, CHUNK - 1) in C; use the chunk's true size.",
			Breaks:      []string{"msg/binary", "msg/sizes"},
			mutate: converted(func(content []byte) []byte {
				for end := pieceLen; end <= len(content); end += pieceLen {
					content[end-1] = 0
				}
				return content
			}),
		},
		{
			Name: "word-copy-tail-lost", Class: Boundary,
			Description: "The bytes behind the last whole 8 of content become NUL: a copy by machine words without the rest, in C or a vectorised loop; copy the tail too.",
			Breaks:      []string{"msg/binary", "msg/sizes"},
			mutate: converted(func(content []byte) []byte {
				clear(content[len(content)&^7:])
				return content
			}),
		},
	}
}
