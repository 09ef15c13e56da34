package scheduler

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

// Most workloads run where they were placed and are done with. What only some have is
// kept apart, in groups, so that a million others do not carry it: a group that has
// nothing is nil.

// of reads a group; one that is nil has nothing.
func of[T any](group *T) (out T) {
	if group != nil {
		out = *group
	}
	return out
}

// own gives a group to write to.
func own[T any](group **T) *T {
	if *group == nil {
		*group = new(T)
	}
	return *group
}

// remarks are what the last decision says beside where replicas go.
type remarks struct {
	refusals  []event.Refusal
	reason    string
	notBefore int64
	attempt   int
}

// remarksOf takes them out of a decision; nil if there are none. They are never changed.
func remarksOf(d *event.PlacementDecided) *remarks {
	if len(d.Refusals) == 0 && d.Reason == "" && d.NotBefore == 0 && d.Attempt == 0 {
		return nil
	}
	return &remarks{d.Refusals, d.Reason, d.NotBefore, d.Attempt}
}

// efforts are what was done for a workload that waits.
type efforts struct {
	tryAt  int64  // observed time before which it is not chosen
	tries  int    // times it was chosen while it waits
	claim  *claim // the room that is kept for it
	claims int    // claims it had while it waits
}

// claimed is the room that is kept for the workload, nil if none is.
func (w *workload) claimed() *claim { return of(w.efforts).claim }

// rest forgets the efforts for a workload that waits no more; a claim ends by itself.
func (w *workload) rest() {
	if c := w.claimed(); c != nil {
		w.efforts = &efforts{claim: c}
	} else {
		w.efforts = nil
	}
}

// past is what of earlier wishes and places still counts.
type past struct {
	older       []olderWish  // wishes that clusters still hold, by generation
	former      *formerWish  // while a plan waits: what was wanted before it
	refusedPlan *RefusedPlan // the last, for people
	home        []homeSeat   // where it stood before it was driven away first; empty if it was not
	rolledBack  uint64       // the newer generation that gave way to this one, 0 if none
	strikes     int          // moves in a row of what did not become ready
}

func (p *past) empty() bool {
	return len(p.older) == 0 && p.former == nil && p.refusedPlan == nil && len(p.home) == 0 && p.rolledBack == 0 && p.strikes == 0
}

// olderWish is an earlier wish that clusters still hold.
type olderWish struct {
	Generation uint64                   `json:"generation"`
	Spec       *event.WorkloadSubmitted `json:"spec"`
}

// olderSpec is the earlier wish of a generation, nil if it is forgotten.
func (w *workload) olderSpec(generation uint64) *event.WorkloadSubmitted {
	for _, o := range of(w.past).older {
		if o.Generation == generation {
			return o.Spec
		}
	}
	return nil
}

// keepWish adds the present wish to the older ones, before it is replaced.
func (w *workload) keepWish() {
	if w.spec == nil {
		return
	}
	p, now := own(&w.past), olderWish{w.generation, w.spec}
	at, found := slices.BinarySearchFunc(p.older, now, func(a, b olderWish) int { return cmp.Compare(a.Generation, b.Generation) })
	if found {
		p.older[at] = now
	} else {
		p.older = slices.Insert(p.older, at, now)
	}
}

// renew begins with a new wish.
func (w *workload) renew(former *formerWish) {
	if w.past != nil || former != nil {
		p := own(&w.past)
		p.former, p.rolledBack, p.strikes = former, 0, 0
		w.prune()
	}
}

// prune forgets older wishes that no cluster holds any more.
func (w *workload) prune() {
	if w.past == nil {
		return
	}
	w.past.older = slices.DeleteFunc(w.past.older, func(o olderWish) bool {
		return o.Generation != w.good && !w.holdsGeneration(o.Generation)
	})
	if w.past.empty() {
		w.past = nil
	}
}
