// Package gen writes the golden vectors. Every byte of them comes from literals and arithmetic in this package, never
// from the reference implementation, so that a mistake there cannot hide in the vectors.
//
// Begin with [Files], which returns all files. [Generate] writes them to a directory, [Verify] finds what differs
// there. Each area of the vectors is one function that returns its file; a vector is declared by its ID, the reason
// why it exists and the messages on its wire, in order.
package gen
