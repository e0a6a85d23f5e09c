// Package vectors holds the golden vectors of the oizys protocol: byte streams, the messages that they carry and how
// they end, each with the requirement that it shows and the reason why it exists.
//
// Begin with [Embedded], which loads the vectors that this module ships, or [Load] for a directory of one's own. The
// data lies in data/*.json and is described by schema.json and README.md, so that an implementation in any language
// can use it without Go. The loader is strict: an unknown member or word, a wrong hash or length, or segments that
// contradict the outcome are errors, never ignored. [Show] prints one vector with its bytes annotated.
//
// The package neither encodes nor decodes messages, and never imports the reference implementation. The vectors are
// written by the package gen below this one, which builds every byte by hand.
package vectors
