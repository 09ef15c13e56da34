package scheduler

import (
	"slices"

	"fairlead.dev/pkg/event"
)

// The reservation rule. A report says what a cluster has free with every command
// up to appliedThrough inside. Commands above it are pending: what they ask on top
// of what the cluster already holds is debited from the report. Only a newer
// report drops a debit, and only for the commands it contains.

// told is one command as decided: the desired state of a workload on a cluster.
type told struct {
	Number     uint64             `json:"number"`
	Workload   event.WorkloadName `json:"workload"`
	Tenant     event.Tenant       `json:"tenant"`
	Generation uint64             `json:"generation"`
	Replicas   int                `json:"replicas"`
	Shapes     []event.ShapeUse   `json:"shapes,omitempty"`
	Request    event.Resources    `json:"request"`
	Class      string             `json:"class,omitempty"`
	Rejected   bool               `json:"rejected,omitempty"`
	Superseded bool               `json:"superseded,omitempty"` // by a synchronisation
	At         int64              `json:"at,omitempty"`         // observed time at which it was told
	Ready      bool               `json:"ready,omitempty"`      // all of it was ready once
	Noted      bool               `json:"noted,omitempty"`      // that it missed its deadline is recorded
	Implied    bool               `json:"implied,omitempty"`    // withdrawn by a synchronisation that does not name it: no command of its own

	class *class // of the request, whatever its conditions; nil until asked for
}

// asked is a class with the command's request, for debits.
func (t *told) asked(known *tables) *class {
	if t.class == nil {
		t.class = known.class(&event.WorkloadSubmitted{Template: event.Template{Resources: t.Request}})
	}
	return t.class
}

func (t *told) id() event.WorkloadID { return event.WorkloadID{Tenant: t.Tenant, Name: t.Workload} }

// stands says whether the command counts as the cluster's desired state.
func (t *told) stands() bool { return !t.Rejected && !t.Superseded }

// seat is one workload on one cluster.
type seat struct {
	settled   []*told // in the base: the last one counts, those before it are what a late rejection falls back to
	pending   []*told // not in the base yet, by number
	confirmed uint64  // highest number the agent said it applied
	status    *event.WorkloadStatusReported
	awaits    uint64 // at most once: the command whose end the cluster must report, 0 if none
	stuck     int64  // observed time since which the cluster cannot schedule some of it; counts while its status says so
	released  bool   // an operator's word that nothing runs there
}

// standing is the newest command that was not rejected: what the cluster holds or
// will hold. Nil means nothing, as does a nil seat.
func (st *seat) standing() *told {
	if st == nil {
		return nil
	}
	for i := len(st.pending) - 1; i >= 0; i-- {
		if st.pending[i].stands() {
			return st.pending[i]
		}
	}
	for i := len(st.settled) - 1; i >= 0; i-- {
		if st.settled[i].stands() {
			return st.settled[i]
		}
	}
	return nil
}

// holds says whether a command of the generation stands.
func (st *seat) holds(generation uint64) bool {
	has := func(t *told) bool { return t.stands() && t.Replicas > 0 && t.Generation == generation }
	return slices.ContainsFunc(st.settled, has) || slices.ContainsFunc(st.pending, has)
}

// held is the number of replicas of the standing command.
func (st *seat) held() int {
	if t := st.standing(); t != nil {
		return t.Replicas
	}
	return 0
}

// ask gives what t asks on top of what the base and earlier pending commands of
// the seat already hold, by shape. An earlier command covers t's replicas on a
// shape if its request was at least as large.
func (st *seat) ask(t *told) []event.ShapeUse {
	var out []event.ShapeUse
	for _, use := range t.Shapes {
		covered := 0
		cover := func(p *told) {
			if covers(p.Request, t.Request) {
				covered = max(covered, shapeReplicas(p.Shapes, use.Shape))
			}
		}
		if p := st.base(); p != nil {
			cover(p)
		}
		for _, p := range st.pending {
			if p.Number >= t.Number {
				break
			}
			cover(p)
		}
		if use.Replicas > covered {
			out = append(out, event.ShapeUse{Shape: use.Shape, Replicas: use.Replicas - covered, On: use.On})
		}
	}
	return out
}

// base is the command the last report contains; nil if it contains none.
func (st *seat) base() *told {
	if n := len(st.settled); n > 0 {
		return st.settled[n-1]
	}
	return nil
}

// empty says whether nothing of the workload is on the cluster or on its way.
func (st *seat) empty() bool {
	b := st.base()
	return len(st.pending) == 0 && (b == nil || b.Replicas == 0) && st.awaits == 0
}

// settle moves a pending command into the base; a rejected one leaves no trace.
// What a synchronisation superseded goes with the first command after it.
func (st *seat) settle(t *told) {
	st.pending = slices.DeleteFunc(st.pending, func(p *told) bool { return p == t })
	if t.Superseded {
		return
	}
	st.settled = slices.DeleteFunc(st.settled, func(p *told) bool { return p.Superseded })
	if t.stands() {
		st.settled = append(st.settled, t)
	}
	st.confirm(st.confirmed)
}

// supersede voids what was told before a synchronisation. It goes on covering
// debits until a report contains the synchronisation.
func (st *seat) supersede() {
	for _, t := range st.settled {
		t.Superseded = true
	}
	for _, t := range st.pending {
		t.Superseded = true
	}
}

// confirm forgets what a late rejection could have fallen back to, up to number.
func (st *seat) confirm(number uint64) {
	st.confirmed = max(st.confirmed, number)
	for len(st.settled) > 1 && st.settled[1].Number <= st.confirmed {
		st.settled = st.settled[1:]
	}
}

// find gives the command with the number, nil if it is not known.
func (st *seat) find(number uint64) *told {
	for _, list := range [][]*told{st.settled, st.pending} {
		for _, t := range list {
			if t.Number == number {
				return t
			}
		}
	}
	return nil
}

// reject takes a command back; false if it is not known, is rejected already, or
// is a withdrawal, which an agent repeats until it is done. What is pending keeps
// its debit until a report contains it.
func (st *seat) reject(number uint64) bool {
	t := st.find(number)
	if t == nil || !t.stands() || t.Replicas == 0 {
		return false
	}
	t.Rejected = true
	st.settled = slices.DeleteFunc(st.settled, func(o *told) bool { return o == t })
	return true
}

// ready counts replicas that run or completed under a command not older than token.
func (st *seat) ready(token uint64) int {
	if st == nil || st.status == nil || st.status.Token < token {
		return 0
	}
	return st.status.Ready + st.status.Succeeded
}

func shapeReplicas(uses []event.ShapeUse, shape string) int {
	for _, u := range uses {
		if u.Shape == shape {
			return u.Replicas
		}
	}
	return 0
}

// covers says whether a is at least b in every resource.
func covers(a, b event.Resources) bool {
	if a.CPUMilli < b.CPUMilli || a.MemoryBytes < b.MemoryBytes || a.GPUMilli < b.GPUMilli {
		return false
	}
	if (a.GPUMilli >= 1000) != (b.GPUMilli >= 1000) && b.GPUMilli > 0 {
		return false // a share and whole devices take different room
	}
	for _, name := range sortedKeys(b.Extended) {
		if a.Extended[name] < b.Extended[name] {
			return false
		}
	}
	return true
}
