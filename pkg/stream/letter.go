package stream

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// Letter is a dead letter: a record that could not be read or trusted, kept with
// the reason.
type Letter struct {
	Number   uint64    // its sequence in DEADLETTERS, by which it is shown and replayed
	Reason   string    // one of a few words, for example bad-data
	Detail   string    // for people
	Subject  string    // of the record
	At       event.At  // of the record
	Written  time.Time // when the letter was
	Whole    bool      // the record is inside; false when it did not fit
	Replayed uint64    // the sequence it was given when it was replayed; 0 when it was not

	Incarnation string // of the record's stream
}

const (
	letterReason   = "Fairlead-Letter-Reason"
	letterDetail   = "Fairlead-Letter-Detail"
	letterSubject  = "Fairlead-Letter-Subject"
	letterStored   = "Fairlead-Letter-Stored"
	letterPart     = "Fairlead-Letter-Part" // set when the record itself did not fit
	letterReplayed = "Fairlead-Letter-Replayed"
	letterWas      = "Was-" // before each header of the record, or the store would obey it
)

// letterOf is the message that keeps m. A reason may be followed by a detail:
// "bad-data: no cluster". A record that does not fit, which needs thousands of headers,
// is left where it is and only named.
func letterOf(m Message, incarnation, reason string, limit int) *nats.Msg {
	word, detail, _ := strings.Cut(reason, ": ")
	l := nats.NewMsg(letterAddress(m.At, incarnation))
	l.Header.Set(letterReason, printable(word))
	l.Header.Set(letterDetail, printable(detail))
	l.Header.Set(letterSubject, printable(m.Subject))
	l.Header.Set(letterStored, m.At.Stored.UTC().Format(time.RFC3339Nano))
	whole := nats.NewMsg(l.Subject)
	whole.Data = m.Data
	for name, values := range m.Header {
		whole.Header[letterWas+name] = values
	}
	for name, values := range l.Header {
		whole.Header[name] = values
	}
	if tooLarge(whole, limit) == nil {
		return whole
	}
	l.Header.Set(letterPart, "1")
	return l
}

func letterAddress(at event.At, incarnation string) string {
	return fmt.Sprintf("%s.deadletters.%s.%s.%d", event.Root, strings.ToLower(string(at.Stream)), incarnation, at.Sequence)
}

// printable keeps what a hostile record says from breaking a header or a terminal.
func printable(s string) string {
	if len(s) > 1024 {
		s = s[:1024]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// readLetter is the reverse of letterOf, from a message in DEADLETTERS.
func readLetter(m Message) (Letter, error) {
	tokens := strings.Split(m.Subject, ".")
	if len(tokens) != 5 {
		return Letter{}, fmt.Errorf("dead letter %d has subject %q", m.At.Sequence, m.Subject)
	}
	seq, err := strconv.ParseUint(tokens[4], 10, 64)
	if err != nil {
		return Letter{}, fmt.Errorf("dead letter %d has subject %q: %w", m.At.Sequence, m.Subject, err)
	}
	stored, err := time.Parse(time.RFC3339Nano, m.Header.Get(letterStored))
	if err != nil {
		return Letter{}, fmt.Errorf("dead letter %d: %w", m.At.Sequence, err)
	}
	replayed, _ := strconv.ParseUint(m.Header.Get(letterReplayed), 10, 64) // absent means 0
	return Letter{
		Number: m.At.Sequence, Written: m.At.Stored,
		Reason: m.Header.Get(letterReason), Detail: m.Header.Get(letterDetail),
		Subject: m.Header.Get(letterSubject), Incarnation: tokens[3],
		At:       event.At{Stream: event.Stream(strings.ToUpper(tokens[2])), Sequence: seq, Stored: stored},
		Whole:    m.Header.Get(letterPart) == "",
		Replayed: replayed,
	}, nil
}

// record is the message inside a letter, as it was.
func (l Letter) record(kept Message) Message {
	m := Message{Subject: l.Subject, Header: nats.Header{}, Data: kept.Data, At: l.At}
	for name, values := range kept.Header {
		if was, ok := strings.CutPrefix(name, letterWas); ok {
			m.Header[was] = values
		}
	}
	return m
}

// replay is the message that publishes the record again: the same bytes and
// headers, but those that told the store what to do with the first. Its id is the
// same whenever this letter is replayed.
func (l Letter) replay(record Message) (*nats.Msg, error) {
	if l.At.Stream == event.Placements {
		return nil, fmt.Errorf("replay letter %d: only the leader writes %s", l.Number, event.Placements)
	}
	if !l.Whole {
		return nil, fmt.Errorf("replay letter %d: the record did not fit into it; it is %s at %d", l.Number, l.At.Stream, l.At.Sequence)
	}
	if streamOf(l.Subject) != l.At.Stream {
		return nil, fmt.Errorf("replay letter %d: subject %q is not of %s", l.Number, l.Subject, l.At.Stream)
	}
	m := nats.NewMsg(l.Subject)
	m.Data = record.Data
	for name, values := range record.Header {
		if !strings.HasPrefix(strings.ToLower(name), "nats-") {
			m.Header[name] = values
		}
	}
	m.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("replay/%s/%s/%d", l.At.Stream, l.Incarnation, l.At.Sequence))
	return m, nil
}

// marked is the letter with the sequence its record was given again.
func marked(kept Message, replayed uint64) *nats.Msg {
	m := nats.NewMsg(kept.Subject)
	m.Data = kept.Data
	for name, values := range kept.Header {
		if !strings.HasPrefix(strings.ToLower(name), "nats-") {
			m.Header[name] = values
		}
	}
	m.Header.Set(letterReplayed, strconv.FormatUint(replayed, 10))
	return m
}
