package gen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/oizys-protocol/oizys/vectors"
)

func segmentationArea() vectors.File {
	f := area("segmentation", "Valid messages cut into pieces. Where a cut lies makes no difference to what is delivered.")
	f.Vectors = append(f.Vectors, everyWay()...)
	f.Vectors = append(f.Vectors, everySplit()...)
	f.Vectors = append(f.Vectors, cuts()...)
	f.Vectors = append(f.Vectors, longCuts()...)
	return f
}

// everyWay cuts one message of six bytes in all 31 ways that give at least two pieces.
func everyWay() []*vectors.Vector {
	var list []*vectors.Vector
	for mask := 1; mask < 32; mask++ {
		var sizes []string
		var offsets []int
		last := 0
		for at := 1; at <= 6; at++ {
			if at < 6 && mask>>(at-1)&1 == 0 {
				continue
			}
			sizes = append(sizes, strconv.Itoa(at-last))
			if at < 6 {
				offsets = append(offsets, at)
			}
			last = at
		}
		list = append(list, stream("stream/split/one-message-"+strings.Join(sizes, "-"),
			"One message of six bytes in pieces of "+strings.Join(sizes, ", ")+".").msg("Hi").cut(offsets...).done())
	}
	return list
}

// short is the stream of three messages that is cut at every point.
func short(id, why string) *builder { return stream(id, why).msg("Hi").msg("foo").msg("!") }

// everySplit cuts a stream of three messages in two, at every point.
func everySplit() []*vectors.Vector {
	var list []*vectors.Vector
	wire := len("\x00\x00\x00\x02Hi\x00\x00\x00\x03foo\x00\x00\x00\x01!")
	for at := 1; at < wire; at++ {
		list = append(list, short(fmt.Sprintf("stream/split/three-messages-at-%d", at),
			fmt.Sprintf("Three messages in two pieces, cut %s.", place(at))).cut(at).done())
	}
	return list
}

// place says where an offset lies in the stream of three messages.
func place(at int) string {
	begin := 0
	for i, n := range []int{2, 3, 1} {
		name := []string{"first", "second", "third"}[i]
		switch in := at - begin; {
		case in == 0:
			return "in front of the " + name + " message"
		case in < 4:
			return fmt.Sprintf("after %d of 4 bytes of the %s header", in, name)
		case in == 4:
			return "behind the " + name + " header"
		case in < 4+n:
			return fmt.Sprintf("after %d of %d bytes of the %s content", in-4, n, name)
		}
		begin += 4 + n
	}
	return "nowhere"
}

func cuts() []*vectors.Vector {
	return []*vectors.Vector{
		short("stream/split/three-messages-bytewise", "Three messages, byte by byte.").bytewise().done(),
		short("stream/split/three-messages-by-2", "Three messages in pieces of two bytes.").every(2).done(),
		short("stream/split/three-messages-by-3", "Three messages in pieces of three bytes: each header in more than one.").every(3).done(),
		short("stream/split/three-messages-by-4", "Three messages in pieces of four bytes: as long as a header, and seldom one.").every(4).done(),
		short("stream/split/three-messages-by-5", "Three messages in pieces of five bytes.").every(5).done(),
		short("stream/split/three-messages-by-7", "Three messages in pieces of seven bytes: tail of one and head of the next.").every(7).done(),
		short("stream/split/three-messages-header-content", "Each header and each content in a piece of its own, as liboizys writes them.").cut(4, 6, 10, 13, 17).done(),
		short("stream/split/three-messages-apart", "Each message in a piece of its own.").cut(6, 13).done(),
		short("stream/split/content-with-next-header", "Each content in one piece with the header behind it.").cut(4, 10, 17).done(),
		short("stream/split/inside-every-header", "Each header is cut in the middle; each piece has a tail and a head.").cut(2, 8, 15).done(),
		short("stream/split/reserved-apart", "The reserved byte of each header comes in front, alone.").cut(1, 6, 7, 13, 14).done(),
		short("stream/split/before-last-length-byte", "The last byte of each length comes with the content.").cut(3, 9, 16).done(),
	}
}

func longCuts() []*vectors.Vector {
	return []*vectors.Vector{
		stream("stream/split/ten-messages-by-7", "Ten messages of five bytes in pieces of seven: every cut lies elsewhere.").tens().every(7).done(),
		stream("stream/split/hundred-messages-by-251", "A hundred messages in pieces of 251 bytes.").
			many(100, func(i int) string { return fmt.Sprintf("message %d", i) }).every(251).done(),
		stream("stream/split/257-bytewise", "A message of 257 bytes, byte by byte.").run(positional(257), "").bytewise().done(),
		stream("stream/split/4096-by-1000", "A message of 4,096 bytes in pieces of 1,000.").run(positional(4096), "").every(1000).done(),
		stream("stream/split/4096-last-byte-apart", "A message of 4,096 bytes whose last byte comes alone.").run(positional(4096), "").cut(4099).done(),
		stream("stream/split/4096-first-byte-apart", "The first byte of a content of 4,096 comes with the header.").run(positional(4096), "").cut(5).done(),
		stream("stream/split/65536-header-apart", "The header comes alone, then 65,536 bytes of content at once.").run(positional(65536), "").cut(4).done(),
		stream("stream/split/65536-by-4093", "A message of 65,536 bytes in pieces just below a page: each begins elsewhere in its page.").run(positional(65536), "").every(4093).done(),
		stream("stream/split/65537-at-65536", "A message of 65,537 bytes cut after 65,536 of its content.").run(positional(65537), "").cut(65540).done(),
		stream("stream/split/mebibyte-by-65536", "A message of 1 MiB in pieces of 65,536 bytes.").run(positional(1048576), "").every(65536).done(),
		stream("stream/split/long-tail-with-next", "The end of a long message comes in one piece with two short ones.").
			run(positional(10000), "").msg("Hi").msg("foo").cut(9000).done(),
		stream("stream/split/long-with-half-header", "A long message and half of the next header, then the rest.").
			run(positional(10000), "").msg("Hi").cut(10006).done(),
	}
}
