package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// writeJSON writes r with a stable indentation. What the peer sent cannot change a terminal that shows the file:
// unprintable characters are written as \uXXXX, bytes that are no UTF-8 as the visible text \xNN.
func writeJSON(w io.Writer, r *Report) error {
	c := clean(reflect.ValueOf(r).Elem()).Interface().(Report)
	c.Schema = Schema
	c.Started = c.Started.UTC()
	if !known(c.Result, results()) {
		c.Result = Inconclusive
	}
	for i := range c.Cases {
		c.Cases[i].Verdict = c.Cases[i].verdict()
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(EscapeJSON(buf.Bytes()))
	return err
}

// clean returns a copy of v that JSON can hold: no invalid UTF-8, no number that is none, no list that is null.
func clean(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		out.SetString(validUTF8(v.String()))
	case reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			out.SetFloat(f)
		}
	case reflect.Slice:
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(clean(v.Index(i)))
		}
	case reflect.Map:
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(clean(it.Key()), clean(it.Value()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(clean(v.Elem()))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return v
		}
		for i := range v.NumField() {
			out.Field(i).Set(clean(v.Field(i)))
		}
	default:
		return v
	}
	return out
}

// EscapeJSON returns a JSON text, which is valid UTF-8, with every unprintable character written as \uXXXX, so that it changes
// no terminal that shows it; outside of strings JSON has none but newlines.
func EscapeJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\n' || unicode.IsPrint(r):
			out = append(out, text[:n]...)
		case r > 0xFFFF:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[n:]
	}
	return out
}
