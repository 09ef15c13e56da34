package simulate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"fairlead.dev/pkg/event"
	"github.com/nats-io/nats.go"
)

// maxLine bounds a line well above the largest event.
const maxLine = 4 << 20

// LineError is a line that is no event.
type LineError struct {
	File string
	Line int
	Err  error
}

// Error gives file:line: what is wrong.
func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap gives what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// reader gives the events of a file and numbers them per stream.
type reader struct {
	file    string
	lines   *bufio.Scanner
	line    int
	last    map[event.Stream]uint64
	skipped int // records of placement
	gaps    int // gaps that `fairlead tail` noted
}

func newReader(file string, in io.Reader) *reader {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	return &reader{file: file, lines: lines, last: map[event.Stream]uint64{}}
}

// next gives the next fact; the error is io.EOF at the end, else a *LineError.
func (r *reader) next() (event.Event, error) {
	for r.lines.Scan() {
		r.line++
		text := bytes.TrimSpace(r.lines.Bytes())
		if len(text) == 0 {
			continue
		}
		e, err := r.event(text)
		switch {
		case errors.Is(err, errGap):
			r.gaps++
		case err != nil:
			return event.Event{}, r.fail(err)
		case e.At.Stream == event.Placements:
			r.skipped++
		default:
			return e, nil
		}
	}
	if err := r.lines.Err(); err != nil {
		r.line++
		return event.Event{}, r.fail(err)
	}
	return event.Event{}, io.EOF
}

func (r *reader) fail(err error) error { return &LineError{r.file, r.line, err} }

var errGap = errors.New("a gap, not an event")

// envelope is what must be known before the event can be decoded: the subject that
// it would have been published on follows from its type and data, and the sequence
// is there when the line was printed by `fairlead tail`.
type envelope struct {
	Type     event.Type      `json:"type"`
	Data     json.RawMessage `json:"data"`
	Sequence string          `json:"sequence"`
	Gap      json.RawMessage `json:"gap"`
}

func (r *reader) event(text []byte) (event.Event, error) {
	var env envelope
	if err := json.Unmarshal(text, &env); err != nil {
		return event.Event{}, fmt.Errorf("not a JSON object: %w", err)
	}
	if env.Gap != nil {
		return event.Event{}, errGap
	}
	row, ok := event.Lookup(env.Type)
	if !ok {
		return event.Event{}, fmt.Errorf("type %q is not in the catalog (see `fairlead schema`)", env.Type)
	}
	payload := row.New()
	if err := json.Unmarshal(env.Data, payload); err != nil {
		return event.Event{}, fmt.Errorf("data of %s: %w", row.Name, err)
	}
	at := event.At{Stream: row.Stream, Sequence: r.last[row.Stream] + 1}
	if env.Sequence != "" {
		n, err := strconv.ParseUint(env.Sequence, 10, 64)
		if err != nil || n < at.Sequence {
			return event.Event{}, fmt.Errorf("sequence %q: want a number above %d", env.Sequence, at.Sequence-1)
		}
		at.Sequence = n
	}
	header := nats.Header{"Content-Type": {"application/cloudevents+json"}}
	e, err := event.Decode(event.Subject(payload), header, text, at)
	if err != nil {
		return event.Event{}, err
	}
	r.last[row.Stream] = at.Sequence
	return e, nil
}
