// Package spec holds the oizys protocol as data: its limits, the catalogue of requirements and the numbered silences.
// The same facts stand as text in PROTOCOL.md beside this file; a test holds the two together.
//
// Begin with [Requirements]. Everything else in this module that names a rule (a golden vector, a conformance case, a
// line of a report) names it by a requirement's ID from here. The package has no behaviour: it neither encodes nor
// decodes, and imports nothing outside the standard library.
package spec
