package faulty

func segmentationFaults() []Fault {
	return []Fault{
		{
			Name: "split-header-lost", Class: Segmentation,
			Description: "Bytes of a header that comes in pieces are lost: one read() for 4 bytes, and anything less is thrown away in C or Python; read until all 4 are there.",
			Breaks:      []string{"stream/split"},
			mutate: func(do *hooks) {
				do.header = func(s *session) (h header, err error) {
					for n := 0; n < len(h); {
						if n, err = s.do.read(s, h[:]); err != nil {
							return h, err
						}
					}
					return h, nil
				}
			},
		},
		{
			Name: "content-one-read", Class: Segmentation,
			Description: "What one read() of the content returns is taken for all of it: recv(fd, buf, n) in C, sock.recv(n) in Python; read until n bytes are there.",
			Breaks:      []string{"stream/split", "msg/sizes"},
			mutate: func(do *hooks) {
				do.content = func(s *session, n int) ([]byte, error) {
					content := make([]byte, n)
					n, err := s.do.read(s, content)
					return content[:n], err
				}
			},
		},
	}
}
