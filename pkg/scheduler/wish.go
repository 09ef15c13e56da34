package scheduler

import (
	"crypto/sha256"

	"fairlead.dev/pkg/event"
)

// The wishes that are kept to be shared: at most so many, whatever the fleet, and so many
// bytes of JSON; and few more than twice as many as there are workloads, or what tenants
// wanted once would fill the memory. When there are more the table begins anew. What still
// stands keeps its copy.
const (
	maxWishes     = 1 << 17
	maxWishBytes  = 64 << 20
	fewestWishes  = 1 << 10
	wishesToFleet = 2
)

// wish gives the one copy of what is wanted, without the name: workloads that differ in
// nothing else share it. It is never changed. workloads is how many there are.
func (t *tables) wish(d *event.WorkloadSubmitted, workloads int) *event.WorkloadSubmitted {
	copied := *d
	copied.Name = ""
	if d.Plan != nil {
		return &copied // good for one time
	}
	key, size := wishKey(&copied)
	if same, ok := t.wishes[key]; ok {
		return same
	}
	if len(t.wishes) >= min(maxWishes, fewestWishes+wishesToFleet*workloads) || t.wishBytes+size > maxWishBytes {
		t.forgetWishes()
	}
	t.wishBytes += size
	t.wishes[key], t.meant[&copied] = &copied, nil
	return &copied
}

// wishKey tells wishes apart: equal wishes, equal keys. The size is that of their JSON.
func wishKey(d *event.WorkloadSubmitted) (key [32]byte, size int) {
	text, err := event.Written(d)
	if err != nil {
		panic("scheduler: wish cannot be written: " + err.Error()) // plain data that was read from JSON
	}
	return sha256.Sum256(text), len(text)
}

// forgetWishes begins the table anew; what is in use lives on.
func (t *tables) forgetWishes() {
	clear(t.wishes)
	clear(t.meant)
	t.wishBytes = 0
}

// wish is what is wanted, with what follows from it: worked out once for all workloads
// that differ in nothing but their name.
type wish struct {
	spec  *event.WorkloadSubmitted // without a name
	class *class

	programs   [][]program          // of the policy's terms
	answers    map[answerKey]answer // of those; a cache
	impossible string               // why it can never be met; empty if it could

	stamp    uint32 // of the tables that the profile is from
	*profile        // what it prefers, under the settings of now
}

// query is what a workload wants, ready to be asked.
func (t *tables) query(w *workload, spec *event.WorkloadSubmitted) *query {
	if isTied(&spec.Policy) { // what is wrong with it may hang on the name
		return &query{of: w, wish: t.read(spec, w.id.Name)}
	}
	known, shared := t.meant[spec]
	if known == nil {
		known = t.read(spec, w.id.Name)
		if shared {
			t.meant[spec] = known
		}
	}
	return &query{of: w, wish: known}
}

// read prepares a wish.
func (t *tables) read(spec *event.WorkloadSubmitted, name event.WorkloadName) *wish {
	out := &wish{spec: spec, class: t.class(spec)}
	named := *spec
	named.Name = name
	var err error
	if out.programs, err = compile(&named); err != nil {
		out.impossible = clip(err.Error(), maxMessage)
	}
	return out
}
