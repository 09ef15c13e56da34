package event

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
)

// This file and writer.go are the only places that know which JSON library reads and
// writes data. Its defaults refuse duplicate members and invalid UTF-8.

// written is a payload of the catalog: it knows how to write itself.
type written interface{ write(*writer) }

// Written gives the payload's JSON as it stands in the body of its event.
func Written(p Payload) ([]byte, error) { return marshalData(p) }

// marshalData gives the same bytes for the same payload: map keys are sorted.
func marshalData(p Payload) ([]byte, error) {
	w := newWriter()
	defer w.release()
	w.payload(p)
	return bytes.Clone(w.b), w.err
}

func (w *writer) payload(p Payload) {
	if own, ok := p.(written); ok {
		own.write(w)
		return
	}
	b, err := marshalAny(p)
	w.b = append(w.b, b...)
	w.fail(err)
}

// marshalAny is the library at work: slower, and what the writers are held against.
func marshalAny(v any) ([]byte, error) { return json.Marshal(v, json.Deterministic(true)) }

var errNotObject = errors.New("the data is not a JSON object")

func unmarshalData(data []byte, into Payload) error {
	if text := bytes.TrimLeft(data, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return errNotObject // null would otherwise pass for an empty payload
	}
	return json.Unmarshal(data, into)
}
