package scheduler

import (
	"maps"

	"fairlead.dev/pkg/event"
)

// usage is what decisions gave: the requests of replicas, without those that leave.
type usage struct {
	cpu, memory, gpu, price wide
	extended                map[string]wide
	workloads               int
}

// charge is what one workload takes of the quotas above it. It is shared and never
// changed.
type charge struct {
	Request  event.Resources `json:"request"` // of one replica
	Replicas int             `json:"replicas"`
	Price    int64           `json:"price,omitempty"` // of all of them, in micro-units per hour
}

// usage writes a charge as a sum.
func (ch *charge) usage() *usage {
	out := ch.sum()
	return &out
}

func (ch *charge) sum() usage {
	out := usage{
		cpu:       product(ch.Request.CPUMilli, ch.Replicas),
		memory:    product(ch.Request.MemoryBytes, ch.Replicas),
		gpu:       product(ch.Request.GPUMilli, ch.Replicas),
		price:     product(ch.Price, 1),
		workloads: 1,
	}
	for _, name := range sortedKeys(ch.Request.Extended) {
		if out.extended == nil {
			out.extended = map[string]wide{}
		}
		out.extended[name] = product(ch.Request.Extended[name], ch.Replicas)
	}
	return out
}

// combine adds or takes back another sum.
func (u *usage) combine(o *usage, op func(a, b wide) wide) {
	u.cpu, u.memory, u.gpu, u.price = op(u.cpu, o.cpu), op(u.memory, o.memory), op(u.gpu, o.gpu), op(u.price, o.price)
	u.workloads = int(op(product(int64(u.workloads), 1), product(int64(o.workloads), 1)).lo)
	for _, name := range sortedKeys(o.extended) {
		if u.extended == nil {
			u.extended = map[string]wide{}
		}
		u.extended[name] = op(u.extended[name], o.extended[name])
	}
}

// copied is the same sum, to be changed apart.
func (u *usage) copied() usage {
	out := *u
	out.extended = maps.Clone(u.extended)
	return out
}

// book adds a charge to an account and everybody above it, or takes it back.
func (b *books) book(a *account, ch *charge, op func(a, b wide) wide) {
	if ch == nil {
		return
	}
	sum := ch.sum()
	for at := a; at != nil; at = at.parent {
		at.used.combine(&sum, op)
		at.weigh(b.fleet)
	}
	a.lift()
}

// recharge books what a decision gives. Replicas that leave are not counted: their
// replacement is. What is held keeps the request it was given for.
func (s *State) recharge(w *workload, d *event.PlacementDecided) {
	key := chargeKey{class: w.query.class}
	for _, a := range d.Assignments {
		key.replicas += a.Replicas - a.Leaving
		key.price = min(most, key.price+a.Price)
	}
	switch {
	case key.replicas == 0:
		s.setCharge(w, nil)
	case w.charge != nil && (w.standsStill() || d.Verdict == event.VerdictRefused):
		s.setCharge(w, &charge{w.charge.Request, key.replicas, key.price})
	default:
		s.setCharge(w, s.known.charge(key))
	}
}

// chargeKey tells charges for present wishes apart.
type chargeKey struct {
	class    *class
	replicas int
	price    int64
}

// charge gives the one copy of a charge.
func (t *tables) charge(key chargeKey) *charge {
	known := t.charges[key]
	if known == nil {
		if len(t.charges) >= maxStates {
			clear(t.charges)
		}
		known = &charge{key.class.request, key.replicas, key.price}
		t.charges[key] = known
	}
	return known
}

func sameResources(a, b event.Resources) bool {
	return a.CPUMilli == b.CPUMilli && a.MemoryBytes == b.MemoryBytes && a.GPUMilli == b.GPUMilli && maps.Equal(a.Extended, b.Extended)
}

// setCharge replaces what a workload is booked with. Whoever waits for room in a
// quota above it may have some now.
func (s *State) setCharge(w *workload, next *charge) {
	old := w.charge
	if old == nil && next == nil {
		return
	}
	s.books.book(w.account, old, wide.minus)
	s.books.book(w.account, next, wide.plus)
	w.charge = next
	if old != nil && s.books.limits > 0 {
		s.touchBlocked(w.account)
	}
}
