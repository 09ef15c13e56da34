package stream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// Memory is the twin of Log: the same methods and the same promises, in memory,
// without a goroutine of its own. What is stored is stored when a method returns,
// so that one goroutine driving it sees the same every time. Tests and simulation
// use it; package streamtest holds both to one contract.
type Memory struct {
	o       Options
	now     func() time.Time
	payload int // the largest message of the imagined server

	mu          sync.Mutex
	tapes       map[event.Stream]*tape
	channels    map[event.ClusterID]*channel
	checkpoints map[string][]byte
	changed     chan struct{} // closed at every change
	inject      func(Op) Fault
	births      int64
}

// MemoryConfig says what a Memory is made with; the zero value will do.
type MemoryConfig struct {
	Options    Options
	Now        func() time.Time // default time.Now; call Wake when it moved
	MaxPayload int              // default 1 MiB, as a server's
}

// NewMemory makes an empty log: all streams exist.
func NewMemory(c MemoryConfig) *Memory {
	m := &Memory{
		o: c.Options.withDefaults(), now: c.Now, payload: c.MaxPayload,
		tapes: map[event.Stream]*tape{}, channels: map[event.ClusterID]*channel{},
		checkpoints: map[string][]byte{}, changed: make(chan struct{}),
	}
	if m.now == nil {
		m.now = time.Now
	}
	def(&m.payload, 1<<20)
	for _, p := range topology {
		m.tapes[p.stream] = m.newTape(p)
	}
	return m
}

// tape is one stream.
type tape struct {
	plan        plan
	incarnation string
	first       uint64 // sequence of records[0], or of the next record
	records     []Message
	bytes       uint64
	ids         map[string]stamp  // by Msg-Id, within the duplicate window
	subjects    map[string]uint64 // last sequence on each
}

type stamp struct {
	seq uint64
	at  time.Time
}

func (m *Memory) newTape(p plan) *tape {
	m.births++
	return &tape{plan: p, incarnation: fmt.Sprintf("memory%d", m.births), first: 1,
		ids: map[string]stamp{}, subjects: map[string]uint64{}}
}

func (t *tape) last() uint64 { return t.first + uint64(len(t.records)) - 1 }

func (t *tape) state() StreamState {
	s := StreamState{First: t.first, Last: t.last(),
		Messages: uint64(len(t.records)), Bytes: t.bytes, Incarnation: t.incarnation}
	if n := len(t.records); n > 0 {
		s.Stored = t.records[n-1].At.Stored
	}
	return s
}

// add stores a message; one with a known id is not stored again.
func (m *Memory) add(t *tape, msg *nats.Msg) uint64 {
	now, id := m.now().UTC(), msg.Header.Get(jetstream.MsgIDHeader)
	if seq, known := t.duplicate(id, now); known {
		return seq
	}
	seq := t.last() + 1
	t.records = append(t.records, Message{
		Subject: msg.Subject, Header: cloneHeader(msg.Header), Data: append([]byte(nil), msg.Data...),
		At:    event.At{Stream: t.plan.stream, Sequence: seq, Stored: now},
		trust: m.o.Identity.Trust,
	})
	t.bytes += uint64(len(msg.Data))
	t.subjects[msg.Subject] = seq
	if id != "" {
		t.ids[id] = stamp{seq, now}
	}
	m.wake()
	return seq
}

func (t *tape) duplicate(id string, now time.Time) (uint64, bool) {
	known, ok := t.ids[id]
	return known.seq, ok && now.Sub(known.at) <= t.plan.dedupe
}

func cloneHeader(h nats.Header) nats.Header {
	c := make(nats.Header, len(h))
	for name, values := range h {
		c[name] = append([]string(nil), values...)
	}
	return c
}

// wake tells everybody who waits that something changed. The lock is held.
func (m *Memory) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Wake tells those who wait for time to pass that the clock moved.
func (m *Memory) Wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wake()
}

// State is Log's.
func (m *Memory) State(ctx context.Context, s event.Stream) (StreamState, error) {
	if err := m.begin(ctx, Op{Kind: OpState, Stream: s}); err != nil {
		return StreamState{}, err
	}
	defer m.mu.Unlock()
	t, ok := m.tapes[s]
	if !ok {
		return StreamState{}, absent(string(s))
	}
	return t.state(), nil
}

// Expect is Log's.
func (m *Memory) Expect(ctx context.Context, s event.Stream, incarnation string, seen uint64) error {
	state, err := m.State(ctx, s)
	if err != nil {
		return err
	}
	return expect(s, state, incarnation, seen)
}

// Limit is Log's.
func (m *Memory) Limit(s event.Stream) int {
	if s == DeadLetters {
		return m.payload
	}
	return min(m.payload-letterRoom, maxMessage)
}
