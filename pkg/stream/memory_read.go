package stream

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"fairlead.dev/pkg/event"
)

// Read is Log's.
func (m *Memory) Read(ctx context.Context, s event.Stream, from uint64, filter ...string) (*Reader, error) {
	if err := m.begin(ctx, Op{Kind: OpRead, Stream: s}); err != nil {
		return nil, fmt.Errorf("read %s from %d: %w", s, from, err)
	}
	defer m.mu.Unlock()
	t, ok := m.tapes[s]
	if !ok {
		return nil, absent(string(s))
	}
	r, err := newReader(s, t.state(), from, filter)
	if err != nil {
		return nil, err
	}
	r.source = &window{m: m, r: *r, filter: filter, closed: make(chan struct{})}
	return r, nil
}

// Tail is Log's.
func (m *Memory) Tail(ctx context.Context, s event.Stream, from uint64) ([]Message, error) {
	state, err := m.State(ctx, s)
	if err != nil || state.endsBefore(from) {
		return nil, err
	}
	r, err := m.Read(ctx, s, from)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readThrough(ctx, r, state.Last)
}

// window is the source of a Reader of a Memory.
type window struct {
	m      *Memory
	r      Reader // where the reading stands
	filter []string
	closed chan struct{}
	once   sync.Once
}

func (w *window) next(ctx context.Context) ([]Message, error) {
	for {
		batch, changed, err := w.look()
		if err != nil || len(batch) > 0 {
			return batch, err
		}
		select {
		case <-changed:
		case <-w.closed:
			return nil, errClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (w *window) look() ([]Message, <-chan struct{}, error) {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	t := w.m.tapes[w.r.stream]
	if err := w.r.compare(t.state()); err != nil {
		return nil, nil, err
	}
	var batch []Message
	start := max(w.r.next, t.first)
	for _, record := range t.records[start-t.first:] {
		if len(w.filter) > 0 && !slices.ContainsFunc(w.filter, func(f string) bool { return covers(f, record.Subject) }) {
			continue
		}
		batch = append(batch, record)
		if len(batch) == readAhead {
			w.r.next = record.At.Sequence + 1
			return batch, w.m.changed, nil
		}
	}
	w.r.next = t.last() + 1
	return batch, w.m.changed, nil
}

func (w *window) close() { w.once.Do(func() { close(w.closed) }) }

// covers says whether a subject matches a filter with the wildcards * and >.
func covers(filter, subject string) bool {
	f, s := strings.Split(filter, "."), strings.Split(subject, ".")
	for i, token := range f {
		switch {
		case token == ">":
			return len(s) > i
		case i >= len(s) || token != "*" && token != s[i]:
			return false
		}
	}
	return len(f) == len(s)
}
