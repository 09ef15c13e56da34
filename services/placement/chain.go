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
	type sent struct {
		batch *batch
		*stream.Pending
	}
	outcomes := make(chan sent, maxSends)
	var group sync.WaitGroup
	defer group.Wait()
	defer close(outcomes)
	group.Go(func() {
		for p := range outcomes {
			_, _, err := p.Wait(ctx)
			s.give(ctx, appended{p.batch, err})
		}
	})
	chain := s.chain(s.loop.me.at)
	for {
		select {
		case order := <-s.sends:
			if order.again {
				chain = s.chain(order.after)
			}
			outcomes <- sent{order.batch, chain.Append(ctx, order.batch.messages())}
		case <-ctx.Done():
			return
		}
	}
}

func (s *shell) chain(after uint64) *stream.Appender {
	a := s.log.Appender(after)
	a.Fence(event.Subject(new(event.EpochStarted)), s.loop.me.at)
	return a
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
	return tail{first: state.First, last: state.Last, records: records, err: err}
}
