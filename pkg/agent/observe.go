package agent

import (
	"maps"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// sight is when the machine looks, and what it saw.
type sight struct {
	wantView bool
	looking  bool
	views    uint64    // views begun so far
	lookedAt time.Time // when the last one began
	waitTill time.Time // after a view that failed or was not complete
	blind    int       // such views in a row
}

// look asks for a view when there is reason to.
func (m *Machine) look() {
	if at := m.lookAt(); !m.due(at) {
		return
	}
	m.wantView, m.looking = false, true
	m.views++
	m.lookedAt = m.now
	m.do(Observe{})
}

// lookAt is when the next view is due; zero while none is.
func (m *Machine) lookAt() time.Time {
	if m.looking || !(m.phase == reporting || m.phase == settling && m.doubtful > 0) {
		return time.Time{}
	}
	at := earliest(m.capacityDue(), m.repeatAt)
	if m.wantView || at.IsZero() {
		at = m.lookedAt
	}
	return latest(at, m.lookedAt.Add(m.settings.ObserveMin), m.waitTill)
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

// observed compares a view with what is wanted. One that is not complete says nothing.
func (m *Machine) observed(in Observed) {
	if !m.looking {
		return
	}
	m.looking = false
	if in.Err != nil || !in.View.Complete {
		m.blind++
		m.wantView = true
		m.waitTill = m.now.Add(backOff(m.blind))
		return
	}
	m.blind, m.waitTill = 0, time.Time{}
	objects := make(map[event.WorkloadID]*Object, len(in.View.Objects))
	for i := range in.View.Objects {
		objects[in.View.Objects[i].Workload] = &in.View.Objects[i]
	}
	if m.phase == settling || m.phase == reporting {
		m.resolveDoubts(objects)
	}
	m.endSynchronisation()
	if m.phase != reporting {
		return
	}
	for i := range in.View.Objects { // what is there without a command becomes a workload too: it is removed and told
		m.work(in.View.Objects[i].Workload)
	}
	ids := slices.SortedFunc(maps.Keys(m.works), event.WorkloadID.Compare)
	for _, id := range ids {
		m.compare(m.works[id], objects[id])
	}
	m.reportCapacity(&in.View, ids, objects)
	m.reportStatus(ids, objects) // last: it forgets workloads that are gone
}

// compare repairs one workload, or removes what no command wants. An object that was
// changed after the view began is left for the next one.
func (m *Machine) compare(w *work, o *Object) {
	if w.stored != nil && o != nil && w.stored.Kind == event.KindJob && o.Succeeded+o.Failed >= w.stored.Replicas {
		w.finished = o
	}
	busy := w.op != nil || w.next != nil || w.doubt != nil
	if busy || w.changed >= m.views || m.now.Before(w.again) || len(m.running) >= m.settings.Parallel {
		return
	}
	switch {
	case w.stored != nil && w.named && drifted(w, o):
		m.run(&operation{work: w, purpose: repair, token: w.stored.Token, desired: w.stored})
	case !w.named && o != nil && !o.Removed:
		m.run(&operation{work: w, purpose: clean, token: m.settled})
	case !w.named && o == nil:
		w.stored = nil
	default:
		w.trouble, w.tries = nil, 0
	}
	m.wantView = m.wantView || w.op != nil
}

// drifted says whether the object is no longer what the command stored.
func drifted(w *work, o *Object) bool {
	if o == nil || o.Removed {
		return w.finished == nil
	}
	return o.Hash != w.stored.Hash || o.Wanted != w.stored.Replicas || o.Token < w.stored.Token
}
