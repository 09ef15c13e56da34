package stream

import (
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bounds are the limits of a stream as it is set up; 0 where there is none.
type Bounds struct {
	Bytes, Messages uint64
	Age             time.Duration
	// Refuses says that a full stream takes nothing more, in place of dropping the oldest.
	Refuses bool
}

func boundsOf(c jetstream.StreamConfig) Bounds {
	return Bounds{
		Bytes: uint64(max(0, c.MaxBytes)), Messages: uint64(max(0, c.MaxMsgs)),
		Age: c.MaxAge, Refuses: c.Discard == jetstream.DiscardNew,
	}
}

// Strain is how near a stream is to what its limits do.
type Strain int

// The strains.
const (
	Easy  Strain = iota
	Tight        // its limits bite soon, or shorten what it is there for
	Full         // nothing more gets in
)

const (
	tightPercent = 80             // of a limit, from where on it is told
	shortest     = 24 * time.Hour // that a stream should reach back to: agents that were away, people who ask why
	lastRoom     = 64 << 10       // bytes below which a stream that refuses is as good as full
)

// Strain says how near the stream is to its limits, and what that does; the words are
// empty for one that is easy. A stream that drops its oldest records is full all the time
// once it is old: it strains only where it does not reach back for a day.
func (s StreamState) Strain() (Strain, string) {
	b := s.Bounds
	percent := max(part(s.Bytes, b.Bytes), part(s.Messages, b.Messages))
	switch {
	case percent < tightPercent:
		return Easy, ""
	case b.Refuses && (b.Bytes > 0 && s.Bytes+lastRoom > b.Bytes || percent >= 100):
		return Full, fmt.Sprintf("%d%% full, and it refuses what is written: make it larger, or let it discard the oldest", percent)
	case b.Refuses:
		return Tight, fmt.Sprintf("%d%% full, and it refuses what is written once it is full: make it larger, or let it discard the oldest", percent)
	}
	reach := s.Stored.Sub(s.Oldest) * 100 / time.Duration(percent)
	if reach >= shortest || b.Age > 0 && reach >= b.Age {
		return Easy, ""
	}
	return Tight, fmt.Sprintf("%d%% full: by its size it reaches back only %s%s: make it larger", percent, reach.Round(time.Second), meant(b.Age))
}

func part(n, of uint64) uint64 {
	if of == 0 {
		return 0
	}
	return n * 100 / of
}

func meant(age time.Duration) string {
	if age == 0 {
		return ""
	}
	return fmt.Sprintf(" of the %s that it is meant to", age)
}

// Full says that the store refused for want of room: the stream, its account or the
// server's disk is full. It gets in once there is room.
func (e *Refused) Full() bool {
	switch jetstream.ErrorCode(e.Code) {
	case codeStorage, codeResources, codeAccount:
		return true
	case codeStore:
		return strings.Contains(e.Text, "maximum") || strings.Contains(e.Text, "no space")
	}
	return false
}

// The answers of a store without room.
const (
	codeAccount   jetstream.ErrorCode = 10002 // the account's limit
	codeResources jetstream.ErrorCode = 10023 // of the server
	codeStorage   jetstream.ErrorCode = 10047 // of the server's storage
	codeStore     jetstream.ErrorCode = 10077 // a stream's own limit, or its disk
)
