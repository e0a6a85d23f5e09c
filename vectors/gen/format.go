package gen

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/oizys-protocol/oizys/vectors"
)

// Format writes a file: one line for each segment, message and other member, so that a change shows as one line. It checks
// nothing; [vectors.Load] does.
func Format(f vectors.File) []byte {
	var w bytes.Buffer
	w.WriteString("{\n")
	w.WriteString("  \"$schema\": " + quote(vectors.Schema) + ",\n")
	w.WriteString("  \"format\": " + strconv.Itoa(vectors.Format) + ",\n")
	w.WriteString("  \"area\": " + quote(f.Area) + ",\n")
	w.WriteString("  \"description\": " + quote(f.Description) + ",\n")
	w.WriteString("  \"vectors\": [\n")
	for i, v := range f.Vectors {
		formatVector(&w, v)
		w.WriteString(comma(i, len(f.Vectors)) + "\n")
	}
	w.WriteString("  ]\n}\n")
	return w.Bytes()
}

func formatVector(w *bytes.Buffer, v *vectors.Vector) {
	line := func(name, value string) { w.WriteString("      " + quote(name) + ": " + value + ",\n") }
	w.WriteString("    {\n")
	line("id", quote(v.ID))
	line("description", quote(v.Description))
	line("requirements", list(v.Requirements, quote))
	line("kind", quote(string(v.Kind)))
	line("segments", lines(v.Segments, segment))
	line("wire_length", strconv.Itoa(v.WireLength))
	line("wire_sha256", quote(v.WireSHA256))
	line("pieces", list(v.Pieces, strconv.Itoa))
	line("end_of_stream", strconv.FormatBool(v.EndOfStream))
	line("messages", lines(v.Messages, formatMessage))
	w.WriteString("      \"outcome\": " + outcome(v.Outcome) + "\n    }")
}

func segment(s vectors.Segment) string {
	text := `{"field": ` + quote(string(s.Field)) + `, ` + run(s.Part)
	if s.Note != "" {
		text += `, "note": ` + quote(s.Note)
	}
	return text + "}"
}

func run(p vectors.Part) string {
	text := `"hex": ` + quote(hex.EncodeToString(p.Unit))
	if p.Repeat > 1 {
		text += `, "repeat": ` + strconv.Itoa(p.Repeat)
	}
	return text
}

func formatMessage(m vectors.Message) string {
	content := list(m.Parts, func(p vectors.Part) string { return "{" + run(p) + "}" })
	return `{"length": ` + strconv.Itoa(m.Length) + `, "sha256": ` + quote(m.SHA256) + `, "content": ` + content + "}"
}

func outcome(o vectors.Outcome) string {
	text := `{"state": ` + quote(string(o.State))
	if o.Error != vectors.ErrorNone {
		text += `, "error": ` + quote(string(o.Error))
	}
	if o.State == vectors.StateClosed {
		text += `, "offset": ` + strconv.Itoa(o.Offset)
	}
	return text + "}"
}

// list writes an array on one line.
func list[T any](items []T, text func(T) string) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = text(item)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// lines writes an array with one line for each item.
func lines[T any](items []T, text func(T) string) string {
	if len(items) == 0 {
		return "[]"
	}
	var b strings.Builder
	b.WriteString("[\n")
	for i, item := range items {
		b.WriteString("        " + text(item) + comma(i, len(items)) + "\n")
	}
	return b.String() + "      ]"
}

func comma(i, n int) string {
	if i < n-1 {
		return ","
	}
	return ""
}

// quote writes a JSON string. Its error is left out: encoding a string cannot fail.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n")
}
