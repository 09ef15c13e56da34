package event

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
)

// This file is the only place that knows which JSON library reads and writes data.
// Its defaults refuse duplicate members and invalid UTF-8.

// marshalData gives the same bytes for the same payload: map keys are sorted.
func marshalData(p Payload) ([]byte, error) {
	return json.Marshal(p, json.Deterministic(true))
}

var errNotObject = errors.New("the data is not a JSON object")

func unmarshalData(data []byte, into Payload) error {
	if text := bytes.TrimLeft(data, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return errNotObject // null would otherwise pass for an empty payload
	}
	return json.Unmarshal(data, into)
}
