package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
)

// Verify reads a whole backup: that each file is as it was written, each message in its
// place, and no part names what another lacks. The errors are those of Read and
// ErrDamaged.
func Verify(dir string, o Options) (Manifest, error) {
	m, err := Read(dir)
	if err != nil {
		return m, err
	}
	found := m
	found.Position, found.Positions = 0, event.Positions{}
	if err := found.verify(dir, o); err != nil {
		return m, err
	}
	if m.Position != found.Position || m.Positions != found.Positions {
		return m, damaged("PLACEMENTS ends at %d, not at %d", found.Position, m.Position)
	}
	return m, nil
}

// verify reads every part, and notes where PLACEMENTS ends.
func (m *Manifest) verify(dir string, o Options) error {
	for _, p := range m.Parts {
		if err := m.verifyPart(dir, p, o); err != nil {
			return fmt.Errorf("%s: %w", p.File, err)
		}
	}
	for _, at := range []struct {
		stream event.Stream
		seq    uint64
	}{{event.Intents, m.Positions.Intents}, {event.Status, m.Positions.Status}, {event.Capacity, m.Positions.Capacity}} {
		if p, _ := m.Part(string(at.stream)); p.Last < at.seq {
			return damaged("PLACEMENTS was made from %s up to %d, which ends at %d", at.stream, at.seq, p.Last)
		}
	}
	return nil
}

func (m *Manifest) verifyPart(dir string, p Part, o Options) (err error) {
	f, err := os.Open(filepath.Join(dir, p.File))
	if errors.Is(err, os.ErrNotExist) {
		return damaged("it is missing")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	to := &meter{to: io.Discard, sum: sha256.New(), tell: func(n int64) { o.tell(p.Stream, n, nil) }}
	if _, err := io.Copy(to, f); err != nil {
		return err
	}
	if sum := hex.EncodeToString(to.sum.Sum(nil)); to.n != p.Size || sum != p.SHA256 {
		return damaged("%d bytes with SHA-256 %s, was written with %d and %s", to.n, sum[:12], p.Size, short(p.SHA256))
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := m.examine(f, p); err != nil {
		return err
	}
	o.tell(p.Stream, p.Size, &p)
	return nil
}

func short(sum string) string { return sum[:min(12, len(sum))] }

// examine walks through one archive.
func (m *Manifest) examine(r io.Reader, p Part) error {
	a, err := open(r)
	if err != nil {
		return err
	}
	err = a.each(func(e entry) error {
		if p.Stream == string(event.Placements) {
			m.note(e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if a.n != p.Messages || len(a.consumers) != p.Consumers || a.state.LastSeq != p.Last {
		return damaged("%d messages up to %d and %d consumers, want %d up to %d and %d", a.n, a.state.LastSeq, len(a.consumers), p.Messages, p.Last, p.Consumers)
	}
	return nil
}

// note remembers the last record, and the furthest that any was made from.
func (m *Manifest) note(e entry) {
	m.Position = e.Sequence
	said, err := e.message().event(m.Parts[1].Stream)
	if err != nil {
		return // a dead letter, or not ours to judge
	}
	if p, ok := event.PositionsOf(said.Data); ok {
		m.Positions = event.Positions{Intents: max(m.Positions.Intents, p.Intents), Status: max(m.Positions.Status, p.Status), Capacity: max(m.Positions.Capacity, p.Capacity)}
	}
}

// record is a message of a snapshot, taken apart.
type record struct {
	*nats.Msg
	entry entry
}

// message takes an entry apart; headers that cannot be read are none.
func (e entry) message() record {
	m := nats.NewMsg(e.Name)
	m.Data = e.data[e.HeaderSize:]
	if e.HeaderSize > 0 {
		if h, err := nats.DecodeHeadersMsg(e.data[:e.HeaderSize]); err == nil {
			m.Header = h
		}
	}
	return record{m, e}
}

func (r record) event(name string) (event.Event, error) {
	return event.Decode(r.Subject, r.Header, r.Data, event.At{Stream: event.Stream(name), Sequence: r.entry.Sequence})
}
