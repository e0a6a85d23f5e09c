package vectors_test

// sample is a valid file that the rows below corrupt, each in one place.
const sample = `{
  "$schema": "../schema.json",
  "format": 1,
  "area": "sample",
  "description": "A sample.",
  "vectors": [
    {
      "id": "msg/empty/sample",
      "description": "A message, then one without content, and bait.",
      "requirements": ["msg/empty", "close/nothing-after"],
      "kind": "stream",
      "segments": [
        {"field": "reserved", "hex": "00"},
        {"field": "length", "hex": "000006"},
        {"field": "content", "hex": "6162", "repeat": 3, "note": "ab"},
        {"field": "reserved", "hex": "00"},
        {"field": "length", "hex": "000000"},
        {"field": "reserved", "hex": "00"},
        {"field": "length", "hex": "000001"},
        {"field": "content", "hex": "78"}
      ],
      "wire_length": 19,
      "wire_sha256": "02fc2d13c9865b09789af2593bcdbfd82e0793836c96fd778fc3a2504d0a2dc0",
      "pieces": [18, 1],
      "end_of_stream": false,
      "messages": [
        {"length": 6, "sha256": "36ff120f98d1ca85de299f65314b3b968d132cee69f8f8bb6a6d4e1058313355", "content": [{"hex": "6162", "repeat": 3}]}
      ],
      "outcome": {"state": "closed", "error": "empty-message", "offset": 10}
    },
    {
      "id": "sess/send-empty/sample",
      "description": "Nothing to send.",
      "requirements": ["sess/send-empty"],
      "kind": "refusal",
      "segments": [],
      "wire_length": 0,
      "wire_sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "pieces": [],
      "end_of_stream": false,
      "messages": [{"length": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "content": []}],
      "outcome": {"state": "open", "error": "empty-message"}
    }
  ]
}
`

const (
	sampleID  = "msg/empty/sample"
	refusalID = "sess/send-empty/sample"
)

// corruption replaces the first old in the sample by new, and says where the loader must see it.
type corruption struct {
	name, old, new string
	vector, member string
	problem        string
	// schema says that the schema sees it too; it cannot add, hash or compare one member with another.
	schema bool
}

func corruptions() []corruption {
	const seen = true
	return []corruption{
		{"unknown member of the file", `"format": 1,`, `"format": 1, "version": 2,`, "", "", `unknown member "version"`, seen},
		{"unknown member of a vector", `"kind": "stream",`, `"kind": "stream", "role": "server",`, sampleID, "", `unknown member "role"`, seen},
		{"unknown member of a segment", `"note": "ab"`, `"comment": "ab"`, sampleID, "segments[2]", `unknown member "comment"`, seen},
		{"unknown member of a message", `{"length": 6,`, `{"size": 6, "length": 6,`, sampleID, "messages[0]", `unknown member "size"`, seen},
		{"unknown member of an outcome", `"offset": 10}`, `"offset": 10, "after": 1}`, sampleID, "outcome", `unknown member "after"`, seen},
		{"unknown member of a content", `[{"hex": "6162", "repeat": 3}]`, `[{"hex": "6162", "repeat": 3, "note": "x"}]`, sampleID, "messages[0].content[0]", `unknown member "note"`, seen},
		{"other letter case", `"kind": "stream"`, `"Kind": "stream"`, sampleID, "", `unknown member "Kind"`, seen},
		{"member given twice", `"kind": "stream",`, `"kind": "stream", "kind": "stream",`, sampleID, "", `member "kind" is given twice`, false},
		{"member left out", `"end_of_stream": false,`, ``, sampleID, "", `member "end_of_stream" is missing`, seen},
		{"null", `"pieces": [18, 1]`, `"pieces": null`, sampleID, "pieces", "is null", seen},
		{"null in an array", `[18, 1]`, `[18, null]`, sampleID, "pieces[1]", "is null", seen},
		{"string for a number", `"wire_length": 19`, `"wire_length": "19"`, sampleID, "wire_length", "is a string", seen},
		{"number for a string", `"kind": "stream"`, `"kind": 1`, sampleID, "kind", "is a number", seen},
		{"number for a boolean", `"end_of_stream": false`, `"end_of_stream": 0`, sampleID, "end_of_stream", "is a number", seen},
		{"object for an array", `"pieces": [18, 1]`, `"pieces": {}`, sampleID, "pieces", "is an object", seen},
		{"array for an object", `{"state": "closed", "error": "empty-message", "offset": 10}`, `[]`, sampleID, "outcome", "is an array", seen},
		{"string for a vector", `"vectors": [`, `"vectors": ["x",`, "#1", "", "not a JSON object", seen},
		{"fraction", `"offset": 10`, `"offset": 10.5`, sampleID, "outcome.offset", "10.5 does not fit", seen},
		{"negative number", `"offset": 10`, `"offset": -1`, sampleID, "outcome.offset", "-1 does not fit", seen},
		{"number too large", `"repeat": 3, "note"`, `"repeat": 99999999999999999999, "note"`, sampleID, "segments[2].repeat", "does not fit", false},
		{"other schema", `../schema.json`, `../other.json`, "", "$schema", "unknown schema", seen},
		{"other format", `"format": 1`, `"format": 2`, "", "format", "unknown format 2", seen},
		{"other area", `"area": "sample"`, `"area": "other"`, "", "area", "not the file's name", false},
		{"file without a description", `"A sample."`, `" "`, "", "description", "empty", seen},
		{"control character in a description", `"A sample."`, `"A \u001b[2Jsample."`, "", "description", "control character at byte 2", seen},
		{"control character in a note", `"note": "ab"`, `"note": "a\nb"`, sampleID, "segments[2].note", "control character", seen},
		{"vector without a description", `"Nothing to send."`, `""`, refusalID, "description", "empty", seen},
		{"unknown kind", `"kind": "stream"`, `"kind": "decode"`, sampleID, "kind", `unknown word "decode"`, seen},
		{"unknown field", `"field": "length"`, `"field": "size"`, sampleID, "segments[1].field", `unknown word "size"`, seen},
		{"unknown state", `"state": "closed"`, `"state": "half-closed"`, sampleID, "outcome.state", `unknown word "half-closed"`, seen},
		{"unknown error", `"error": "empty-message", "offset"`, `"error": "empty", "offset"`, sampleID, "outcome.error", `unknown word "empty"`, seen},
		{"empty error", `"error": "empty-message", "offset"`, `"error": "", "offset"`, sampleID, "outcome.error", `unknown word ""`, seen},
		{"unknown requirement", `"close/nothing-after"`, `"close/nothing"`, sampleID, "requirements[1]", `unknown requirement "close/nothing"`, false},
		{"no requirement", `["sess/send-empty"]`, `[]`, refusalID, "requirements", "empty", seen},
		{"requirement named twice", `"close/nothing-after"`, `"msg/empty"`, sampleID, "requirements[1]", "named twice", seen},
		{"ID of another requirement", `"id": "msg/empty/sample"`, `"id": "msg/sizes/sample"`, "msg/sizes/sample", "id", `does not begin with "msg/empty/"`, false},
		{"ID without a variant", `"id": "msg/empty/sample"`, `"id": "msg/empty"`, "msg/empty", "id", "is no vector ID", seen},
		{"ID that only begins alike", `"id": "msg/empty/sample"`, `"id": "msg/empty-unsent/sample"`, "msg/empty-unsent/sample", "id", "does not begin with", false},
		{"ID in capitals", `"id": "msg/empty/sample"`, `"id": "msg/empty/Sample"`, "msg/empty/Sample", "id", "is no vector ID", seen},
		{"hex in capitals", `"hex": "6162", "repeat": 3, "note"`, `"hex": "6A62", "repeat": 3, "note"`, sampleID, "segments[2].hex", "not lower-case hex", seen},
		{"half a byte", `"hex": "000006"`, `"hex": "00006"`, sampleID, "segments[1].hex", "not lower-case hex", seen},
		{"no bytes", `"hex": "78"`, `"hex": ""`, sampleID, "segments[7].hex", "no bytes", seen},
		{"repeat of one", `"repeat": 3, "note"`, `"repeat": 1, "note"`, sampleID, "segments[2].repeat", "repeats nothing", seen},
		{"repeat beyond all bounds", `"repeat": 3, "note"`, `"repeat": 1000000000, "note"`, sampleID, "segments[2].repeat", "too much", false},
		{"wrong wire length", `"wire_length": 19`, `"wire_length": 20`, sampleID, "wire", "wire_length is 20, the bytes are 19", false},
		{"wrong wire hash", `"wire_sha256": "02fc`, `"wire_sha256": "12fc`, sampleID, "wire", "wire_sha256 is", false},
		{"wire hash too short", `"wire_sha256": "e3b0`, `"wire_sha256": "b0`, refusalID, "wire", "is no SHA-256", seen},
		{"wrong message length", `{"length": 6,`, `{"length": 5,`, sampleID, "messages[0]", "length is 5, the bytes are 6", false},
		{"wrong message hash", `"sha256": "36ff`, `"sha256": "06ff`, sampleID, "messages[0]", "sha256 is", false},
		{"one byte of the wire", `"hex": "78"`, `"hex": "79"`, sampleID, "wire", "wire_sha256 is", false},
		{"pieces short of the wire", `[18, 1]`, `[18]`, sampleID, "pieces", "the pieces are 18 bytes, the wire is 19", false},
		{"piece without bytes", `[18, 1]`, `[18, 0, 1]`, sampleID, "pieces", "piece 1 has 0 bytes", seen},
		{"open with an offset", `{"state": "open", "error": "empty-message"}`, `{"state": "open", "error": "empty-message", "offset": 0}`, refusalID, "outcome.offset", `does not go with state "open"`, seen},
		{"closed without an offset", `, "offset": 10}`, `}`, sampleID, "outcome.offset", `does not go with state "closed"`, seen},
		{"closed without an error", `"error": "empty-message", "offset"`, `"offset"`, sampleID, "outcome.error", "missing", seen},
		{"open with an error", `{"state": "closed", "error": "empty-message", "offset": 10}`, `{"state": "open", "error": "empty-message"}`, sampleID, "outcome", `state "open" with error "empty-message"`, seen},
		{"open in spite of an error", `{"state": "closed", "error": "empty-message", "offset": 10}`, `{"state": "open"}`, sampleID, "outcome", `error "" where the segments say "empty-message"`, false},
		{"another error", `"error": "empty-message", "offset"`, `"error": "reserved-byte", "offset"`, sampleID, "outcome", `error "reserved-byte" where the segments say "empty-message"`, false},
		{"another offset", `"offset": 10`, `"offset": 14`, sampleID, "outcome.offset", "14 where the segments say 10", false},
		{"refusal that closes", `{"state": "open", "error": "empty-message"}`, `{"state": "closed", "error": "empty-message", "offset": 0}`, refusalID, "outcome", "for this content", seen},
		{"refusal for another reason", `{"state": "open", "error": "empty-message"}`, `{"state": "open", "error": "too-long"}`, refusalID, "outcome", "for this content", false},
		{"refusal with an end of stream", `"end_of_stream": false,
      "messages": [{`, `"end_of_stream": true,
      "messages": [{`, refusalID, "end_of_stream", "a refusal with an end of stream", seen},
		{"broken JSON", `"format": 1,`, `"format": 1`, "", "", "line 4: ", seen},
		{"text behind the JSON", "  ]\n}\n", "  ]\n}\n{}", "", "", "after top-level value", seen},
		{"not UTF-8", "A sample.", "A s\xffmple.", "", "", "not UTF-8", false},
	}
}
