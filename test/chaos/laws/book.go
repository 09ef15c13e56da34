package laws

import (
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
)

// Book is everything that a run left behind.
type Book struct {
	// Log is every stream from its first record to its last, in order.
	Log map[event.Stream][]event.Event
	// Accepted are the submissions that were acknowledged.
	Accepted []Accepted
	// Clusters say what they run, by their own word.
	Clusters []Cluster
}

// Accepted is a submission that its submitter was told is stored.
type Accepted struct {
	ID       string // of the event
	Sequence uint64 // in INTENTS, as it was told
}

// Cluster is one of the fleet as it stands at the end.
type Cluster struct {
	Name    event.ClusterID
	Running map[event.WorkloadID]int // replicas that hold room on a node
	Audit   []string                 // nodes that were ever overdrawn
}

// Verdict is what came of checking. Nothing in Safety or Rest: every law held.
type Verdict struct {
	Safety []string // laws that were broken at some moment
	Rest   []string // what is not as it must be in the end
	Lost   int      // accepted submissions that the log does not hold, or nobody decided
	Double int      // events stored twice, command numbers given or settled twice
	Sums
}

// Sums are for the report.
type Sums struct {
	Events, Decisions, Commands, Epochs, Applied, Rejected, Superseded int
}

// most is how many faults of a kind are worth reading.
const most = 50

// check is one reading of the book.
type check struct {
	*Book
	Verdict
	request  map[uint64]event.Resources                   // of a generation, one replica
	last     map[event.WorkloadID]*event.PlacementDecided // newest decision
	accounts map[event.ClusterID]*account
}

// Check reads the book.
func (b *Book) Check() Verdict {
	c := &check{
		Book: b, request: map[uint64]event.Resources{},
		last: map[event.WorkloadID]*event.PlacementDecided{}, accounts: map[event.ClusterID]*account{},
	}
	for _, s := range event.Streams() {
		c.Events += len(b.Log[s])
		c.whole(s)
	}
	c.stored()
	c.placements()
	c.audits()
	c.decided()
	c.settled()
	c.running()
	return c.Verdict
}

func (c *check) broken(format string, args ...any) {
	if len(c.Safety) < most {
		c.Safety = append(c.Safety, fmt.Sprintf(format, args...))
	}
}

func (c *check) restless(format string, args ...any) {
	if len(c.Verdict.Rest) < most {
		c.Verdict.Rest = append(c.Verdict.Rest, fmt.Sprintf(format, args...))
	}
}

// whole: a stream has no hole.
func (c *check) whole(s event.Stream) {
	for i, e := range c.Log[s] {
		if i > 0 && e.At.Sequence != c.Log[s][i-1].At.Sequence+1 {
			c.broken("%s has a hole before %d", s, e.At.Sequence)
		}
	}
}

// stored: what was accepted is where the submitter was told, and nothing is there twice.
func (c *check) stored() {
	at := map[string]uint64{}
	for _, e := range c.Log[event.Intents] {
		key := e.Source + " " + e.ID
		if first, twice := at[key]; twice {
			c.Double++
			c.broken("INTENTS holds %s of %s at %d and at %d", e.ID, e.Source, first, e.At.Sequence)
			continue
		}
		at[key] = e.At.Sequence
		if d, ok := e.Data.(*event.WorkloadSubmitted); ok {
			c.request[e.At.Sequence] = d.Template.Resources
		}
	}
	bySequence := map[uint64]string{}
	for _, e := range c.Log[event.Intents] {
		bySequence[e.At.Sequence] = e.ID
	}
	for _, a := range c.Accepted {
		if found := bySequence[a.Sequence]; found != a.ID {
			c.Lost++
			c.broken("%s was acknowledged at %d of INTENTS, where %q stands", a.ID, a.Sequence, found)
		}
	}
}

// audits: no node had ever more on it than it has room for.
func (c *check) audits() {
	for _, cl := range c.Clusters {
		for _, wrong := range cl.Audit {
			c.broken("overdrawn: %s", wrong)
		}
	}
}

// decided: the last word on every workload has a decision.
func (c *check) decided() {
	type word struct {
		at   uint64
		gone bool
	}
	words := map[event.WorkloadID]word{}
	var order []event.WorkloadID
	say := func(id event.WorkloadID, w word) {
		if _, known := words[id]; !known {
			order = append(order, id)
		}
		words[id] = w
	}
	for _, e := range c.Log[event.Intents] {
		switch d := e.Data.(type) {
		case *event.WorkloadSubmitted:
			say(d.ID(), word{e.At.Sequence, false})
		case *event.WorkloadWithdrawn:
			say(event.WorkloadID{Tenant: d.Tenant, Name: d.Name}, word{e.At.Sequence, true})
		}
	}
	for _, id := range order {
		w, d := words[id], c.last[id]
		switch {
		case w.gone && d != nil && (d.Verdict != event.VerdictWithdrawn || replicas(d) > 0):
			c.Lost++
			c.restless("%s was withdrawn at %d, the last decision is %s", id, w.at, d.Verdict)
		case !w.gone && d == nil:
			c.Lost++
			c.restless("%s was submitted at %d and never decided", id, w.at)
		case !w.gone && d.Generation != w.at:
			c.Lost++
			c.restless("%s was submitted at %d, the last decision is %s for generation %d", id, w.at, d.Verdict, d.Generation)
		}
	}
}

func replicas(d *event.PlacementDecided) (n int) {
	for _, a := range d.Assignments {
		n += a.Replicas
	}
	return n
}

// running: the replicas on the clusters are those of the last decisions.
func (c *check) running() {
	for _, cl := range c.Clusters {
		want := map[event.WorkloadID]int{}
		for id, d := range c.last {
			for _, a := range d.Assignments {
				if a.Cluster == cl.Name && a.Replicas > 0 {
					want[id] = a.Replicas
				}
			}
		}
		for id := range cl.Running {
			if _, wanted := want[id]; !wanted {
				want[id] = 0
			}
		}
		for _, id := range slices.SortedFunc(keys(want), event.WorkloadID.Compare) {
			if have := cl.Running[id]; have != want[id] {
				c.restless("%s runs %d of %s, %d were decided", cl.Name, have, id, want[id])
			}
		}
	}
}
