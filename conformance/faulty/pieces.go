package faulty

import "io"

// pieceLen is the size of the buffer of one read, where a peer reads content in pieces.
const pieceLen = 64 << 10

// eachPiece reads n bytes of content and hands them to use as they come, with their place in the content.
func eachPiece(s *session, n int, use func(at int, piece []byte)) error {
	buf := make([]byte, min(n, pieceLen))
	for at := 0; at < n; {
		got, err := s.do.read(s, buf[:min(len(buf), n-at)])
		use(at, buf[:got])
		at += got
		switch {
		case err == io.EOF && at < n:
			return errTruncatedContent
		case err != nil && at < n:
			return err
		}
	}
	return nil
}
