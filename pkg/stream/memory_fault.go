package stream

import (
	"context"
	"errors"
	"maps"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
)

// Op is what somebody is about to do to a Memory.
type Op struct {
	Kind    OpKind
	Stream  event.Stream
	Subject string // of the first message, if there is one
	Count   int    // messages
}

// OpKind names what an Op does.
type OpKind string

// The operations that a fault can be injected into.
const (
	OpState      OpKind = "state"
	OpPublish    OpKind = "publish"
	OpAppend     OpKind = "append"
	OpRead       OpKind = "read" // opening, not each batch
	OpAck        OpKind = "ack"
	OpLetter     OpKind = "letter"
	OpCheckpoint OpKind = "checkpoint"
)

// Fault is what becomes of an operation.
type Fault int

// The faults: none; the operation has no effect and fails; it has its effect and
// the answer is lost.
const (
	NoFault Fault = iota
	Fail
	LoseAnswer
)

// ErrInjected is the error of every injected fault.
var ErrInjected = errors.New("injected fault")

// Inject asks f before each operation; nil ends it. f is called with the memory
// locked and must not call it.
func (m *Memory) Inject(f func(Op) Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inject = f
}

// begin locks for an operation without an answer worth losing; on an error the
// lock is free again.
func (m *Memory) begin(ctx context.Context, op Op) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	if m.fault(op) != NoFault {
		m.mu.Unlock()
		return ErrInjected
	}
	return nil
}

// effect does something that changes the memory, with the fault that is due.
func (m *Memory) effect(ctx context.Context, op Op, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	fault := m.fault(op)
	if fault == Fail {
		return ErrInjected
	}
	if err := do(); err != nil {
		return err
	}
	if fault == LoseAnswer {
		return ErrInjected
	}
	return nil
}

func (m *Memory) fault(op Op) Fault {
	if m.inject == nil {
		return NoFault
	}
	return m.inject(op)
}

// Purge removes the records of a stream up to and including a sequence, as age
// and size do in time. Beyond the end it moves the end, as an operator can.
func (m *Memory) Purge(s event.Stream, through uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tapes[s]
	for len(t.records) > 0 && t.first <= through {
		t.bytes -= uint64(len(t.records[0].Data))
		t.records = t.records[1:]
		t.first++
	}
	if len(t.records) == 0 {
		t.first = max(t.first, through+1)
	}
	maps.DeleteFunc(t.subjects, func(_ string, last uint64) bool { return last < t.first })
	m.wake()
}

// RollBack removes the records of a stream after a sequence, as a power failure or
// an old backup does.
func (m *Memory) RollBack(s event.Stream, last uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tapes[s]
	kept := t.records[:max(last+1, t.first)-t.first]
	t.records, t.bytes = kept, 0
	maps.DeleteFunc(t.ids, func(_ string, known stamp) bool { return known.seq > last })
	clear(t.subjects)
	for _, r := range kept {
		t.bytes += uint64(len(r.Data))
		t.subjects[r.Subject] = r.At.Sequence
	}
	m.wake()
}

// Recreate makes a stream anew: empty, with another incarnation. The durables of
// PLACEMENTS go with it.
func (m *Memory) Recreate(s event.Stream) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tapes[s] = m.newTape(m.tapes[s].plan)
	if s == event.Placements {
		clear(m.channels)
	}
	m.wake()
}

// Damage changes a byte of the checkpoint at a position of PLACEMENTS, and says
// whether there is one.
func (m *Memory) Damage(placements uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, ok := m.checkpoints[checkpointName(placements)]
	if ok {
		body[len(body)-1] ^= 1
	}
	return ok
}

// Store puts a message into the stream of its subject, whatever it says: what a
// foreign publisher can do to a real log.
func (m *Memory) Store(ctx context.Context, msg *nats.Msg) error {
	s := streamOf(msg.Subject)
	if m.tapes[s] == nil {
		return absent("a stream for " + msg.Subject)
	}
	_, err := m.put(ctx, s, msg)
	return err
}
