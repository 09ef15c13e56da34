package placement

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// notes are what the service remembers beside the core: whose events led to a record
// (causation, correlation, trace). They are a fold over the same events as the core
// and part of the checkpoint, but no decision depends on them; and how much each publisher
// has said, on which hangs what is heard (gate.go).
type notes struct {
	workloads map[event.WorkloadID]*origin
	hellos    map[event.ClusterID]string // id of the last agent.started
	decided   uint64
	held      int
	gone      int  // workloads that were withdrawn and are still in it
	lead      lead // that began last
	gates     gates
}

// lead is an epoch as its records tell of it.
type lead struct {
	Leader string `json:"leader,omitempty"`
	Engine string `json:"engine,omitempty"`
	At     uint64 `json:"at,omitempty"`    // sequence of its record
	Ended  bool   `json:"ended,omitempty"` // its leader gave way
}

// origin is where the records of one workload come from.
type origin struct {
	Submit   string      `json:"submit"` // id of the workload.submitted: the correlation
	Cause    string      `json:"cause"`  // id of the newest wish about it
	Trace    event.Trace `json:"trace"`
	Size     int         `json:"size"` // of the submission on the wire, in bytes
	Decision uint64      `json:"decision,omitempty"`
	Held     bool        `json:"held,omitempty"`
	Gone     bool        `json:"gone,omitempty"` // its last decision withdrew it
	Told     bool        `json:"told,omitempty"` // the wish was carried out: its trace has gone on
	Since    time.Time   `json:"since,omitzero"` // when the wish was stored, if it has a trace
}

func newNotes() *notes {
	return &notes{
		workloads: map[event.WorkloadID]*origin{},
		hellos:    map[event.ClusterID]string{},
		gates:     gates{},
	}
}

// apply folds one event; size is its length on the wire.
func (n *notes) apply(e event.Event, size int) {
	switch d := e.Data.(type) {
	case *event.WorkloadSubmitted:
		o := n.origin(event.WorkloadID{Tenant: d.Tenant, Name: d.Name})
		o.Submit, o.Cause, o.Size = e.ID, e.ID, size
		if o.Gone { // it comes back: what is known of it is not to be forgotten
			o.Gone = false
			n.gone--
		}
		o.begin(e)
	case *event.WorkloadWithdrawn:
		o := n.origin(event.WorkloadID{Tenant: d.Tenant, Name: d.Name})
		o.Cause = e.ID
		if e.Trace.Parent != "" { // a story of its own
			o.begin(e)
		}
	case *event.AgentStarted:
		n.hellos[d.Cluster] = e.ID
	case *event.PlacementDecided:
		n.noteDecision(d, e.At.Sequence)
	case *event.EpochStarted:
		n.lead = lead{Leader: d.Leader, Engine: d.Engine, At: e.At.Sequence}
		n.gates.begin(d.Positions)
	case *event.EpochEnded:
		n.lead.Ended = d.Leader == n.lead.Leader
	}
}

func (n *notes) origin(w event.WorkloadID) *origin {
	o := n.workloads[w]
	if o == nil {
		o = &origin{}
		n.workloads[w] = o
	}
	return o
}

// storyLasts is how long after a wish what is decided about it is part of its trace.
const storyLasts = 5 * time.Minute

// begin makes a wish the origin of what follows.
func (o *origin) begin(wish event.Event) {
	o.Trace, o.Told, o.Since = wish.Trace, false, time.Time{}
	if wish.Trace.Parent != "" {
		o.Since = wish.At.Stored.UTC()
	}
}

// fresh says whether a decision at a time still carries out the wish itself. What comes
// after it, or long after the wish, has a trace of its own.
func (o *origin) fresh(at time.Time) bool { return !o.Told && at.Sub(o.Since) < storyLasts }

func (n *notes) noteDecision(d *event.PlacementDecided, seq uint64) {
	o := n.origin(event.WorkloadID{Tenant: d.Tenant, Name: d.Workload})
	o.Decision = seq
	if gone := d.Verdict == event.VerdictWithdrawn; gone != o.Gone {
		o.Gone = gone
		if gone {
			n.gone++
		} else {
			n.gone--
		}
	}
	o.Told = o.Told || d.Verdict != event.VerdictHeld
	n.decided++
	if held := d.Verdict == event.VerdictHeld; held != o.Held {
		o.Held = held
		if held {
			n.held++
		} else {
			n.held--
		}
	}
}

// savedNotes is how notes lie in a checkpoint.
type savedNotes struct {
	Hellos    map[event.ClusterID]string `json:"hellos"`
	Decided   uint64                     `json:"decided"`
	Lead      lead                       `json:"lead,omitzero"`
	Gates     []savedGate                `json:"gates,omitempty"`
	Workloads []savedOrigin              `json:"workloads"`
}

type savedOrigin struct {
	Tenant event.Tenant       `json:"tenant"`
	Name   event.WorkloadName `json:"name"`
	origin
}

// copied gives the notes for a checkpoint, by workload, and forgets those that were
// withdrawn before a record whose commands are all recorded by now.
func (n *notes) copied(before uint64) savedNotes {
	s := savedNotes{Hellos: maps.Clone(n.hellos), Decided: n.decided, Lead: n.lead, Gates: n.gates.copied()}
	n.forget(before)
	s.Workloads = make([]savedOrigin, 0, len(n.workloads))
	for id, o := range n.workloads {
		s.Workloads = append(s.Workloads, savedOrigin{id.Tenant, id.Name, *o})
	}
	return s
}

// forget drops those that were withdrawn up to a record whose commands are all recorded by
// now.
func (n *notes) forget(before uint64) {
	for id, o := range n.workloads {
		if o.Gone && o.Decision <= before {
			delete(n.workloads, id)
			n.gone--
		}
	}
}

// tidy forgets once there is as much to forget as to keep: a leader whose checkpoints a
// standby saves copies nothing, and would remember every workload that ever was.
func (n *notes) tidy(before uint64) {
	if n.gone > fewGone+len(n.workloads)/2 {
		n.forget(before)
	}
}

// fewGone are not worth a look at all the others.
const fewGone = 1 << 10

// encode sorts and encodes, so that equal notes give equal bytes.
func (s savedNotes) encode() ([]byte, error) {
	slices.SortFunc(s.Workloads, func(a, b savedOrigin) int { return a.id().Compare(b.id()) })
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("save notes: %w", err)
	}
	return b, nil
}

func (o savedOrigin) id() event.WorkloadID { return event.WorkloadID{Tenant: o.Tenant, Name: o.Name} }

func restoreNotes(b []byte) (*notes, error) {
	var s savedNotes
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("restore notes: %w", err)
	}
	n := newNotes()
	n.decided, n.lead, n.gates = s.Decided, s.Lead, restoreGates(s.Gates)
	maps.Copy(n.hellos, s.Hellos)
	for _, w := range s.Workloads {
		o := w.origin
		n.workloads[w.id()] = &o
		if o.Held {
			n.held++
		}
		if o.Gone {
			n.gone++
		}
	}
	return n, nil
}
