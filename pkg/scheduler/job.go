package scheduler

import (
	"bytes"
	"fmt"

	"fairlead.dev/pkg/event"
	"github.com/go-json-experiment/json"
)

// Jobs. A job is complete when its clusters have told that every replica succeeded.
// Then it holds no seat, counts in no quota, and is neither moved nor run again: not
// after a resync, not after the loss of a cluster, and not when the same wish is
// submitted once more. A changed wish runs anew.

// succeeded says whether every replica that is wanted came to its end, by the word of
// the clusters on the commands that stand.
func (w *workload) succeeded() bool {
	if w.spec.Kind != event.KindJob || w.decidedGen != w.generation || w.lacking() || len(w.portions) == 0 {
		return false
	}
	for i := range w.portions {
		p := &w.portions[i]
		st := w.on(p.c)
		t := st.standing()
		if p.stays() == 0 {
			continue
		}
		if t == nil || !st.status.covers(t) || int(st.status.succeeded) < p.stays() {
			return false
		}
	}
	return true
}

// complete records that a job is done; nil if that is recorded already.
func (s *State) complete(w *workload) *event.PlacementDecided {
	if w.verdict == event.VerdictCompleted && w.decidedGen == w.generation {
		return nil
	}
	d := s.decision(w, event.VerdictCompleted)
	d.Reason = fmt.Sprintf("%d of %d replicas succeeded", w.spec.Replicas, w.spec.Replicas)
	d.Assignments = s.withdrawals(w)
	return d
}

// withdrawals take everything back that clusters hold of the workload.
func (s *State) withdrawals(w *workload) []event.Assignment {
	var out []event.Assignment
	for _, st := range w.seats {
		c := st.c
		if (st.held() > 0 || st.swallowed()) && !c.left {
			out = append(out, event.Assignment{Cluster: c.id, Command: c.next, Incarnation: c.synced})
		}
	}
	return out
}

// sameWish says whether two wishes ask for the same, to the byte.
func sameWish(a, b *event.WorkloadSubmitted) bool {
	if a == b {
		return true // shared
	}
	x, errX := json.Marshal(a, json.Deterministic(true))
	y, errY := json.Marshal(b, json.Deterministic(true))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
