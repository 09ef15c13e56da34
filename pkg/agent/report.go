package agent

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"fairlead.dev/pkg/event"
)

// reports is what this incarnation has said so far.
type reports struct {
	capacityReports uint64 // made so far: the last one's number
	capacityAt      time.Time
	capacityTold    *event.ClusterCapacityReported
	capacityWaits   bool // something changed too soon after the last report
	refusals        refusals

	statusReports uint64
	repeatAt      time.Time // when every status is told again
}

// capacityDue is when a view is needed for the next capacity report; zero before the
// first. It leaves a tenth of the interval for the view and the way.
func (m *Machine) capacityDue() time.Time {
	switch {
	case m.capacityTold == nil:
		return time.Time{}
	case m.capacityWaits:
		return m.capacityAt.Add(m.settings.ReportMin)
	}
	return m.capacityAt.Add(m.settings.ReportEvery * 9 / 10)
}

// reportCapacity makes a report of the view if it says something new, or it is time.
func (m *Machine) reportCapacity(v *View, ids []event.WorkloadID, objects map[event.WorkloadID]*Object) {
	r := m.capacity(v, ids, objects)
	if m.capacityTold != nil {
		r.Report = m.capacityTold.Report
		m.capacityWaits = !reflect.DeepEqual(r, m.capacityTold)
		if !m.due(m.capacityDue()) {
			return
		}
	}
	m.capacityReports++
	r.Report = m.capacityReports
	m.capacityTold, m.capacityAt, m.capacityWaits = r, m.now, false
	m.outbox.capacity = m.event(fmt.Sprintf("%s/%d/capacity/%d", m.settings.Cluster, m.incarnation, r.Report), r)
}

// capacity is what the cluster has free with every settled command inside.
func (m *Machine) capacity(v *View, ids []event.WorkloadID, objects map[event.WorkloadID]*Object) *event.ClusterCapacityReported {
	shapes := newShapes(v.Shapes)
	for _, id := range ids {
		if w := m.works[id]; w.stored != nil {
			shapes.subtract(w.stored.Template.Resources, unbound(w, objects[id]))
		}
	}
	merged, rounded := merge(shapes.list, m.settings.ShapeLimit)
	through, rejected := m.refusals.within(m.settled)
	return &event.ClusterCapacityReported{
		AppliedThrough: through,
		Cluster:        m.settings.Cluster,
		Incarnation:    m.incarnation,
		Kinds:          v.Facts.Kinds,
		Labels:         v.Facts.Labels,
		Native:         v.Facts.Native,
		Lacks:          v.Facts.Lacks,
		Orchestrator:   v.Facts.Orchestrator,
		Provider:       v.Facts.Provider,
		Region:         v.Facts.Region,
		Rejected:       rejected,
		Rounded:        rounded,
		Shapes:         merged,
		Taints:         v.Facts.Taints,
		Version:        v.Facts.Version,
		Zone:           v.Facts.Zone,
	}
}

// reportStatus tells of every workload whose status changed, and of all at intervals.
// A workload that is gone is told once more, then forgotten.
func (m *Machine) reportStatus(ids []event.WorkloadID, objects map[event.WorkloadID]*Object) {
	repeat := m.repeatAt.IsZero() || m.due(m.repeatAt)
	if repeat {
		m.repeatAt = m.now.Add(m.settings.StatusEvery)
	}
	for _, id := range ids {
		w, o := m.works[id], objects[id]
		if w.changed >= m.views && w.changed > 0 {
			continue // the view may be older than the last change: nobody may take it for what came of that
		}
		s := m.status(w, o)
		if !repeat && reflect.DeepEqual(s, w.told) {
			continue
		}
		if repeat && o == nil && w.idle() && reflect.DeepEqual(s, w.told) {
			delete(m.works, id)
		}
		w.told = s
		m.tell(w, *s)
	}
}

// idle says whether nothing is wanted of the workload and nothing is known to be here.
func (w *work) idle() bool {
	return w.stored == nil && w.next == nil && w.op == nil && w.doubt == nil
}

// tell numbers a status and hands it to the outbox.
func (m *Machine) tell(w *work, s event.WorkloadStatusReported) {
	m.statusReports++
	s.Report = m.statusReports
	out := m.event(fmt.Sprintf("%s/%d/status/%d", m.settings.Cluster, m.incarnation, s.Report), &s)
	w.origin.mark(&out.event)
	m.outbox.status(w.id, out)
}

// status is what the cluster runs of the workload, not numbered yet.
func (m *Machine) status(w *work, o *Object) *event.WorkloadStatusReported {
	s := &event.WorkloadStatusReported{
		Cluster:     m.settings.Cluster,
		Incarnation: m.incarnation,
		Tenant:      w.id.Tenant,
		Workload:    w.id.Name,
		Last:        w.last,
	}
	if o == nil && w.named {
		o = w.finished // its result outlives its object
	}
	if o != nil {
		s.Generation, s.Token = o.Generation, o.Token
		s.Wanted, s.Ready, s.Pending = o.Wanted, o.Ready, o.Pending
		s.Succeeded, s.Failed = o.Succeeded, o.Failed
		s.Unschedulable = min(o.Unschedulable, o.Pending)
		s.Reasons = append(s.Reasons, o.Reasons...)
	}
	if o == nil && w.named && w.stored != nil { // somebody took it away: it will be made again
		s.Generation, s.Token = w.stored.Generation, w.stored.Token
		s.Wanted, s.Pending = w.stored.Replicas, w.stored.Replicas
	}
	if missing := w.takenAway(o); missing > 0 {
		s.Wanted, s.Pending = s.Wanted+missing, s.Pending+missing
	}
	if w.trouble != nil {
		s.Reasons = append(s.Reasons, *w.trouble)
		if w.trouble.Reason == string(event.RejectReasonCapacity) {
			s.Unschedulable = s.Pending // others have the room: it comes back when they go, or is moved
		}
	}
	s.Reasons = s.Reasons[:min(len(s.Reasons), 16)]
	for i := range s.Reasons {
		s.Reasons[i].Reason = clip(s.Reasons[i].Reason, 253)
		s.Reasons[i].Message = clip(s.Reasons[i].Message, 1024)
	}
	return s
}

// takenAway counts the replicas by which somebody scaled the object down: they are made
// again, so they are wanted and pending.
func (w *work) takenAway(o *Object) int {
	if o == nil || o.Removed || !w.named || w.stored == nil || w.finished != nil || o.Token != w.stored.Token {
		return 0
	}
	return max(0, w.stored.Replicas-o.Wanted)
}

// clip cuts foreign text to what the contract allows.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(s, "?")
	for len(s) > most {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
