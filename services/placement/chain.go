package placement

import (
	"context"
	"sync"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// send is one order to the appender.
type send struct {
	batch *batch
	after uint64 // with restart: the sequence the new chain continues
	again bool   // a new chain
}

// maxSends is more than the loop ever orders ahead of the answers: the batches in
// flight and what splitting makes of them.
const maxSends = 256

// append sends batches along one chain after another and tells their outcomes in order.
func (s *shell) append(ctx context.Context) {
	outcomes := make(chan sent, maxSends)
	var group sync.WaitGroup
	defer group.Wait()
	defer close(outcomes)
	group.Go(func() {
		for one := range outcomes {
			s.give(ctx, appended{one.batch, one.wait(ctx)})
		}
	})
	links := s.chain(s.loop.me.at)
	for {
		select {
		case order := <-s.sends:
			if order.again {
				links = s.chain(order.after)
			}
			outcomes <- links.append(ctx, order.batch)
		case <-ctx.Done():
			return
		}
	}
}

func (s *shell) chain(after uint64) *chain {
	a := s.log.Appender(after)
	a.Fence(event.Subject(new(event.EpochStarted)), s.loop.me.at)
	return &chain{appender: a}
}

// chain is an appender that ends at the first batch which it was not given: what comes
// after that must not take its place.
type chain struct {
	appender *stream.Appender
	broken   error
}

// sent is one batch on its way, or what kept it from being sent.
type sent struct {
	batch   *batch
	pending *stream.Pending
	err     error
}

func (s sent) wait(ctx context.Context) error {
	if s.err != nil {
		return s.err
	}
	_, _, err := s.pending.Wait(ctx)
	return err
}

// append sends a batch behind the one before, once it is encoded.
func (c *chain) append(ctx context.Context, b *batch) sent {
	if c.broken != nil {
		return sent{batch: b, err: &stream.Moved{
			Stream: event.Placements, Expected: b.first - 1, Behind: true, Text: c.broken.Error(),
		}}
	}
	messages, err := b.messages()
	if err != nil {
		c.broken = err
		return sent{batch: b, err: err}
	}
	one := sent{batch: b, pending: c.appender.Append(ctx, messages)}
	select {
	case <-one.pending.Done(): // at once: acknowledged by the twin, or not even sent
		c.broken = one.wait(ctx)
	default:
	}
	return one
}

// look reads the tail of PLACEMENTS after a wait.
func (s *shell) look(ctx context.Context, l look) tail {
	sleep(ctx, l.wait)
	ctx, cancel := context.WithTimeout(ctx, s.cfg.AppendTimeout)
	defer cancel()
	state, err := s.log.State(ctx, event.Placements)
	if err != nil {
		return tail{err: err}
	}
	records, err := s.log.Tail(ctx, event.Placements, l.from)
	return tail{first: state.First, last: state.End(), records: records, err: err}
}
