package event

import (
	stdjson "encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// writer puts JSON together without reflection. The write methods of the types
// (write.gen.go) use it; what they give is what the JSON library gives, to the byte.
// The first error stands: what was written is then of no use.
type writer struct {
	b    []byte
	keys []string // of the map that is being written
	err  error
}

var writers = sync.Pool{New: func() any { return new(writer) }}

// largestKept is the largest buffer that waits for the next event.
const largestKept = 1 << 16

func newWriter() *writer {
	w := writers.Get().(*writer)
	w.b, w.err = w.b[:0], nil
	return w
}

func (w *writer) release() {
	if cap(w.b) <= largestKept {
		writers.Put(w)
	}
}

func (w *writer) open(c byte) { w.b = append(w.b, c) }

func (w *writer) close(c byte) { w.b = append(w.b, c) }

// next begins a member or an element: with a comma unless it is the first.
func (w *writer) next() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' {
		w.b = append(w.b, ',')
	}
}

// name begins a member; its key comes quoted and with the colon.
func (w *writer) name(key string) {
	w.next()
	w.b = append(w.b, key...)
}

func (w *writer) text(key, s string) {
	w.name(key)
	w.quote(s)
}

func (w *writer) int(key string, v int64) {
	w.name(key)
	w.number(v)
}

func (w *writer) uint(key string, v uint64) {
	w.name(key)
	w.b = strconv.AppendUint(w.b, v, 10)
}

func (w *writer) bool(key string, v bool) {
	w.name(key)
	w.b = strconv.AppendBool(w.b, v)
}

// optional writes a member, and takes it back when there was nothing to say.
func (w *writer) optional(key string, write func(*writer)) {
	before := len(w.b)
	w.name(key)
	write(w)
	if n := len(w.b); w.b[n-2] == '{' {
		w.b = w.b[:before]
	}
}

func (w *writer) number(v int64) { w.b = strconv.AppendInt(w.b, v, 10) }

// quote writes a string, nearly always as it is.
func (w *writer) quote(s string) {
	if !asItIs(s) {
		b, err := jsontext.AppendQuote(w.b, s)
		w.b = b
		w.fail(err)
		return
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

// asItIs says that a JSON string escapes nothing of s.
func asItIs(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// raw writes JSON that came from elsewhere, which the library checks and compacts.
func (w *writer) raw(v stdjson.RawMessage) {
	b, err := json.Marshal(v)
	w.b = append(w.b, b...)
	w.fail(err)
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func writeList[T any](w *writer, key string, list []T, write func(*T, *writer)) {
	w.name(key)
	w.open('[')
	for i := range list {
		w.next()
		write(&list[i], w)
	}
	w.close(']')
}

func writeTexts[T ~string](w *writer, key string, list []T) {
	writeList(w, key, list, func(s *T, w *writer) { w.quote(string(*s)) })
}

func writeInts(w *writer, key string, list []int) {
	writeList(w, key, list, func(v *int, w *writer) { w.number(int64(*v)) })
}

func writeUints(w *writer, key string, list []uint64) {
	writeList(w, key, list, func(v *uint64, w *writer) { w.b = strconv.AppendUint(w.b, *v, 10) })
}

// writeMap writes the members by key, so that equal maps give equal bytes.
func writeMap[V any](w *writer, key string, m map[string]V, write func(*writer, V)) {
	w.name(key)
	w.open('{')
	w.keys = slices.AppendSeq(w.keys[:0], maps.Keys(m))
	slices.Sort(w.keys)
	for _, k := range w.keys {
		w.next()
		w.quote(k)
		w.b = append(w.b, ':')
		write(w, m[k])
	}
	w.close('}')
}
