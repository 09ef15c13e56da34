package stream

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// horizon is how far each stream was seen to reach by whoever holds this log. Of several
// replicas the one that leads may be behind another that delivered: a moment where it has
// not yet applied what they agreed on, and until it finds out where it leads no more and
// was cut off from those that do. A stream that ends before its horizon has not rolled
// back for that.
type horizon struct {
	agree time.Duration // how long replicas may take to agree on who leads, and on what

	mu sync.Mutex
	at map[event.Stream]place
}

type place struct {
	incarnation string
	sequence    uint64
}

func newHorizon(agree time.Duration) *horizon {
	return &horizon{agree: agree, at: map[event.Stream]place{}}
}

// saw notes a sequence of a stream that was delivered or acknowledged; incarnation is ""
// where the acknowledgement did not say of which.
func (h *horizon) saw(s event.Stream, incarnation string, sequence uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.at[s]
	if incarnation != "" && p.incarnation != "" && incarnation != p.incarnation {
		return // of a stream that is no more
	}
	h.at[s] = place{cmp.Or(p.incarnation, incarnation), max(p.sequence, sequence)}
}

// believe takes what a stream says of itself; false where it ends before its horizon. One
// that began anew has no horizon yet.
func (h *horizon) believe(s event.Stream, st StreamState) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.at[s]
	if p.incarnation != "" && p.incarnation != st.Incarnation {
		p.sequence = 0
	}
	if st.Last < p.sequence {
		return false
	}
	h.at[s] = place{st.Incarnation, st.Last}
	return true
}

// forget lets a stream end where it says: it really does.
func (h *horizon) forget(s event.Stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.at, s)
}

// agreeEvery is how long replicas are left alone that are asked again.
const agreeEvery = 100 * time.Millisecond

// settled asks where a stream ends until that is not before its horizon. What replicas
// still say after a while counts, and what a single one says at once.
func (h *horizon) settled(ctx context.Context, s event.Stream, look func(context.Context) (*jetstream.StreamInfo, error)) (StreamState, error) {
	for began := time.Now(); ; {
		info, err := look(ctx)
		if err != nil {
			return StreamState{}, err
		}
		st := stateOf(info)
		if h.believe(s, st) {
			return st, nil
		}
		if info.Config.Replicas <= 1 || time.Since(began) >= h.agree {
			h.forget(s)
			return st, nil
		}
		select {
		case <-time.After(agreeEvery):
		case <-ctx.Done():
			return StreamState{}, ctx.Err()
		}
	}
}
