package scheduler

import (
	"crypto/sha256"

	"fairlead.dev/pkg/event"
)

// maxWishes is how many wishes are kept to be shared; when there are more, those that
// are in use live on and the table begins anew.
const maxWishes = 1 << 17

// wish gives the one copy of what is wanted, without the name: workloads that differ in
// nothing else share it. It is never changed.
func (t *tables) wish(d *event.WorkloadSubmitted) *event.WorkloadSubmitted {
	copied := *d
	copied.Name = ""
	if d.Plan != nil {
		return &copied // good for one time
	}
	text, err := event.Written(&copied)
	if err != nil {
		panic("scheduler: wish cannot be written: " + err.Error()) // plain data that was read from JSON
	}
	key := sha256.Sum256(text)
	if same, ok := t.wishes[key]; ok {
		return same
	}
	if len(t.wishes) >= maxWishes {
		clear(t.wishes)
	}
	t.wishes[key] = &copied
	return &copied
}
