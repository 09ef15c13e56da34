package scheduler

import (
	"crypto/sha256"

	"fairlead.dev/pkg/event"
)

// maxWishes is how many wishes are kept to be shared; when there are more, the
// table begins anew.
const maxWishes = 1 << 17

// wish gives the one copy of what is wanted, without the name: workloads that differ in
// nothing else share it. It is never changed.
func (t *tables) wish(d *event.WorkloadSubmitted) *event.WorkloadSubmitted {
	copied := *d
	copied.Name = ""
	if d.Plan != nil {
		return &copied // good for one time
	}
	key := wishKey(&copied)
	if same, ok := t.wishes[key]; ok {
		return same
	}
	if len(t.wishes) >= maxWishes {
		t.forgetWishes()
	}
	t.wishes[key], t.meant[&copied] = &copied, nil
	return &copied
}

// wishKey tells wishes apart: equal wishes, equal keys.
func wishKey(d *event.WorkloadSubmitted) [32]byte {
	text, err := event.Written(d)
	if err != nil {
		panic("scheduler: wish cannot be written: " + err.Error()) // plain data that was read from JSON
	}
	return sha256.Sum256(text)
}

// forgetWishes begins the table anew; what is in use lives on.
func (t *tables) forgetWishes() {
	clear(t.wishes)
	clear(t.meant)
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
