package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/s2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats-server/v2/server/archive"
)

// A snapshot is, compressed, the state of the stream, its consumers, its messages in
// order, and an empty entry that says that this was all.

const (
	stateEntry     = "state.json"
	consumerPrefix = "consumers/"
	entryMost      = 64 << 20 // bytes; no message is larger than a server's payload
)

// contents is what an archive holds besides its messages.
type contents struct {
	state     server.StreamState
	consumers [][]byte // of the durable ones, as they are written
	names     []string // of those
}

// entry is one message of a snapshot.
type entry struct {
	archive.Header
	data []byte // headers, then payload
}

// reading is an archive that is read from its beginning to its end.
type reading struct {
	contents
	from *archive.Reader
	last uint64 // sequence of the last message
	n    uint64 // messages so far
}

// open reads all that comes before the messages. Readers of the log have consumers that
// end with them; those are left out.
func open(r io.Reader) (*reading, error) {
	a := &reading{from: archive.NewReader(s2.NewReader(r))}
	head, raw, err := a.next()
	if err != nil {
		return nil, err
	}
	if head.Name != stateEntry || json.Unmarshal(raw, &a.state) != nil {
		return nil, damaged("it does not begin with the state of a stream")
	}
	for range a.state.Consumers {
		head, raw, err := a.next()
		if err != nil {
			return nil, err
		}
		var c server.SnapshotConsumerState
		name, ok := strings.CutPrefix(head.Name, consumerPrefix)
		if !ok || json.Unmarshal(raw, &c) != nil || c.ConsumerConfig == nil || c.ConsumerState == nil {
			return nil, damaged("consumer %q cannot be read", name)
		}
		if c.Durable != "" {
			a.consumers, a.names = append(a.consumers, raw), append(a.names, head.Name)
		}
	}
	return a, nil
}

// next is the next entry, whatever it is.
func (a *reading) next() (archive.Header, []byte, error) {
	head, err := a.from.Next()
	if err != nil {
		return archive.Header{}, nil, cut(err)
	}
	if head.HeaderSize < 0 || head.PayloadSize < 0 || head.HeaderSize+head.PayloadSize > entryMost {
		return archive.Header{}, nil, damaged("an entry of %d bytes", head.HeaderSize+head.PayloadSize)
	}
	raw, err := io.ReadAll(a.from)
	if err != nil {
		return archive.Header{}, nil, cut(err)
	}
	if int64(len(raw)) != head.HeaderSize+head.PayloadSize {
		return archive.Header{}, nil, damaged("an entry is cut short")
	}
	return *head, raw, nil
}

// cut tells an archive that ends too early from one that cannot be read at all.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged("it is cut short")
	}
	return damaged("%v", err)
}

// message gives the next message; io.EOF after the last, if that was the last indeed.
func (a *reading) message() (entry, error) {
	head, raw, err := a.next()
	switch {
	case err != nil:
		return entry{}, err
	case head.Sequence == 0 && head.Name == "" && len(raw) == 0:
		if a.n > a.state.Msgs || a.last > a.state.LastSeq {
			return entry{}, damaged("%d messages up to %d, more than its state says", a.n, a.last)
		}
		return entry{}, io.EOF
	case head.Sequence <= a.last || head.Sequence > a.state.LastSeq:
		return entry{}, damaged("message %d follows %d", head.Sequence, a.last)
	}
	a.last, a.n = head.Sequence, a.n+1
	return entry{head, raw}, nil
}

// each visits every message to the end.
func (a *reading) each(visit func(entry) error) error {
	for {
		m, err := a.message()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(m); err != nil {
			return err
		}
	}
}

// rewrite writes the archive again with the messages that change gives, and a state
// whose end is at last, beyond which the stream goes on.
func (a *reading) rewrite(w io.Writer, last uint64, change func(entry) (entry, error)) error {
	packed := s2.NewWriter(w)
	out := archive.NewWriter(packed)
	state := a.state
	state.LastSeq, state.Consumers = max(last, state.LastSeq), len(a.consumers)
	if state.Msgs == 0 { // an empty stream begins where it goes on
		state.FirstSeq = state.LastSeq + 1
	}
	raw, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("write the state of a stream: %w", err)
	}
	put := func(h archive.Header, data []byte) error {
		if err := out.WriteHeader(&h); err != nil {
			return err
		}
		_, err := out.Write(data)
		return err
	}
	if err := put(archive.Header{Name: stateEntry, PayloadSize: int64(len(raw))}, raw); err != nil {
		return err
	}
	for i, c := range a.consumers {
		if err := put(archive.Header{Name: a.names[i], PayloadSize: int64(len(c))}, c); err != nil {
			return err
		}
	}
	err = a.each(func(m entry) error {
		changed, err := change(m)
		if err != nil {
			return err
		}
		return put(changed.Header, changed.data)
	})
	if err != nil {
		return err
	}
	if err := errors.Join(put(archive.Header{}, nil), out.Flush()); err != nil {
		return err
	}
	return packed.Close()
}
