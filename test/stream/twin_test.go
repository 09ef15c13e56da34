package stream_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/pkg/stream/streamtest"
)

// TestTwins does the same at random to a real log and to its twin in memory, and
// wants the same answers: simulation is worth what the twin is.
func TestTwins(t *testing.T) {
	b := startBroker(t)
	h := hands{t, jetStream(t, connect(t, b.ClientURL()))}
	nc := connect(t, b.ClientURL())
	rapid.Check(t, func(rt *rapid.T) {
		eventually(t, "the streams are made anew", func() error { return anew(t, h.js, contractOptions) })
		l, err := stream.Open(t.Context(), nc, contractOptions)
		must(t, err)
		m := stream.NewMemory(stream.MemoryConfig{Options: contractOptions})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		pair := &twins{t: t, ctx: ctx,
			real: streamtest.Subject{Log: l, Purge: h.purge},
			twin: streamtest.Subject{Log: m, Purge: m.Purge},
		}
		pair.renew(0)
		rt.Repeat(map[string]func(*rapid.T){
			"publish": pair.publish, "publish all": pair.publishAll, "append": pair.append, "lead": pair.lead,
			"purge": pair.purge, "tail": pair.tail, "letter": pair.letter, "": pair.same,
		})
	})
}

// twins are the two logs with a writer each, in step.
type twins struct {
	ctx            context.Context
	t              *testing.T
	real, twin     streamtest.Subject
	byReal, byTwin *stream.Appender
	next           uint64
}

// both does something to each and wants the same answer.
func (p *twins) both(rt *rapid.T, what string, do func(streamtest.Subject, *stream.Appender) string) string {
	real, twin := do(p.real, p.byReal), do(p.twin, p.byTwin)
	if real != twin {
		rt.Fatalf("%s:\nJetStream says %s\nmemory says    %s", what, real, twin)
	}
	return real
}

func (p *twins) renew(last uint64) {
	p.byReal, p.byTwin = p.real.Appender(last), p.twin.Appender(last)
}

func (p *twins) publish(rt *rapid.T) {
	e := cordon(fmt.Sprint(rapid.IntRange(0, 5).Draw(rt, "id")))
	p.both(rt, "publish", func(s streamtest.Subject, _ *stream.Appender) string {
		seq, err := s.Publish(p.ctx, e)
		return fmt.Sprint(seq, kind(err))
	})
}

func (p *twins) publishAll(rt *rapid.T) {
	var all []event.Event
	for _, id := range rapid.SliceOfN(rapid.IntRange(0, 40), 0, 5).Draw(rt, "ids") { // known ones among them
		all = append(all, cordon(fmt.Sprint(id)))
	}
	p.both(rt, "publish all", func(s streamtest.Subject, _ *stream.Appender) string {
		seqs, err := s.PublishAll(p.ctx, all)
		return fmt.Sprint(seqs, kind(err))
	})
}

func (p *twins) append(rt *rapid.T) {
	n := rapid.IntRange(1, 4).Draw(rt, "size")
	id := rapid.SampledFrom([]string{"", "", "", "x", "y"}).Draw(rt, "id")
	p.next++
	p.both(rt, "append", func(_ streamtest.Subject, a *stream.Appender) string {
		batch := namedBatch(fmt.Sprint("b", p.next), n)
		if id != "" && n > 1 { // a single message with a known id is not refused but ignored
			batch[n-1].Header.Set(jetstream.MsgIDHeader, id)
		}
		first, last, err := a.Append(p.ctx, batch).Wait(p.ctx)
		return fmt.Sprint(first, last, kind(err))
	})
}

// lead begins new writers, at the end of the stream or beside it, with a fence of their
// own, of an older leader or with none.
func (p *twins) lead(rt *rapid.T) {
	state, err := p.real.State(p.ctx, event.Placements)
	must(p.t, err)
	p.renew(uint64(max(0, int(state.Last)+rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(rt, "beside"))))
	fence := rapid.SampledFrom([]string{"own", "old", "none"}).Draw(rt, "fence")
	p.both(rt, "lead", func(_ streamtest.Subject, a *stream.Appender) string {
		first, _, err := a.Append(p.ctx, []*nats.Msg{message(epochSubject, "epoch")}).Wait(p.ctx)
		switch {
		case err != nil || fence == "none":
		case fence == "own":
			a.Fence(epochSubject, first)
		default:
			a.Fence(epochSubject, first-1)
		}
		return fmt.Sprint(first, kind(err))
	})
}

func (p *twins) purge(rt *rapid.T) {
	s := rapid.SampledFrom([]event.Stream{event.Intents, event.Placements}).Draw(rt, "stream")
	state, err := p.real.State(p.ctx, s)
	must(p.t, err)
	through := rapid.Uint64Range(0, state.Last).Draw(rt, "through") // beyond the end is the contract suite's
	p.real.Purge(s, through)
	p.twin.Purge(s, through)
}

func (p *twins) tail(rt *rapid.T) {
	s := rapid.SampledFrom([]event.Stream{event.Intents, event.Placements}).Draw(rt, "stream")
	from := rapid.Uint64Range(0, 12).Draw(rt, "from")
	p.both(rt, "tail", func(l streamtest.Subject, _ *stream.Appender) string {
		got, err := l.Tail(p.ctx, s, from)
		text := kind(err)
		for _, m := range got {
			text += fmt.Sprint(" ", m.At.Sequence, m.Subject, string(m.Data))
		}
		return text
	})
}

func (p *twins) letter(rt *rapid.T) {
	at := event.At{Stream: event.Intents, Sequence: rapid.Uint64Range(1, 4).Draw(rt, "sequence")}
	m := stream.Message{Subject: "fairlead.intents.cluster.eu-1.cluster.cordoned", Data: []byte("x"), At: at}
	replay := rapid.Bool().Draw(rt, "replay")
	p.both(rt, "letter", func(s streamtest.Subject, _ *stream.Appender) string {
		text := kind(s.DeadLetter(p.ctx, m, "bad-data"))
		for l, err := range s.Letters(p.ctx) {
			text += fmt.Sprint(" ", l.Number, l.At.Sequence, l.Reason, l.Replayed, kind(err))
			if replay && l.At.Sequence == at.Sequence {
				seq, err := s.Replay(p.ctx, l.Number)
				text += fmt.Sprint(" replayed ", seq, kind(err))
			}
		}
		return text
	})
}

// same compares the ends of all streams after each step.
func (p *twins) same(rt *rapid.T) {
	for _, s := range []event.Stream{event.Intents, event.Placements} {
		p.both(rt, "state of "+string(s), func(l streamtest.Subject, _ *stream.Appender) string {
			state, err := l.State(p.ctx, s)
			return fmt.Sprint(state.First, state.Last, state.Messages, state.Bytes > 0, state.Stored.IsZero(), kind(err))
		})
	}
}

// kind is what a caller can tell of an error.
func kind(err error) string {
	var moved *stream.Moved
	var refused *stream.Refused
	var gap *stream.Gap
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &moved):
		return fmt.Sprintf("moved after %d, behind %v", moved.Expected, moved.Behind)
	case errors.As(err, &refused):
		return fmt.Sprintf("refused with %d", refused.Code)
	case errors.As(err, &gap):
		return gap.Error()
	case errors.As(err, new(*stream.RolledBack)):
		return "rolled back"
	}
	return "other: " + err.Error()
}
