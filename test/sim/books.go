package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	agentsim "fairlead.dev/services/agent-sim"
)

// books is the checker's own account, made from the log alone. It shares no code with
// the core: what the core believes is not asked.
type books struct {
	w    *world
	read map[event.Stream]uint64

	leader   string // whose epoch it is
	epoch    uint64
	before   event.Positions         // where the facts ended before this step
	floor    event.Positions         // where they ended before the epoch began
	decision *event.PlacementDecided // the last one, which its commands follow
	clusters map[event.ClusterID]*account
	digest   []byte // of the log so far, to compare two runs of a seed
}

// account is what was told to one cluster and what it has said.
type account struct {
	number      uint64 // of the last command
	incarnation uint64 // answered last
	first, last uint64 // numbers of its synchronisation
	sent        map[event.WorkloadID][]sent
	ready       map[event.WorkloadID][]ready
}

// sent is one command in effect, or that may be.
type sent struct {
	number  uint64
	uses    []event.ShapeUse // none for a withdrawal
	request event.Resources
	gone    bool // a withdrawal
}

// ready is how many replicas ran, by a status at its place in the log.
type ready struct {
	at, incarnation, report uint64
	token                   uint64 // of the command whose replicas they are
	n                       int
}

func newBooks(w *world) *books {
	return &books{w: w, read: map[event.Stream]uint64{}, clusters: map[event.ClusterID]*account{}}
}

func (b *books) account(c event.ClusterID) *account {
	a := b.clusters[c]
	if a == nil {
		a = &account{sent: map[event.WorkloadID][]sent{}, ready: map[event.WorkloadID][]ready{}}
		b.clusters[c] = a
	}
	return a
}

// check reads on and holds what is new against the laws.
func (b *books) check() {
	b.before = event.Positions{Intents: b.read[event.Intents], Status: b.read[event.Status], Capacity: b.read[event.Capacity]}
	for _, s := range []event.Stream{event.Status, event.Intents, event.Capacity, event.Placements} {
		for _, m := range b.w.tail(s, b.read[s]+1) {
			b.read[s] = m.At.Sequence
			e, err := m.Event()
			if err != nil {
				b.w.fail("%s %d is no event: %v", s, m.At.Sequence, err)
				return
			}
			if s == event.Placements {
				b.digest = digest(b.digest, m.Data)
				b.w.say("log %d: %s", m.At.Sequence, told(e))
				b.record(e)
			} else {
				b.fact(e)
			}
		}
	}
	for _, s := range b.w.sites {
		if found := s.cluster.Audit(); len(found) > 0 {
			b.w.fail("overdrawn: %s", strings.Join(found, "; "))
		}
	}
}

// told is a record for people.
func told(e event.Event) string {
	switch d := e.Data.(type) {
	case *event.PlacementDecided:
		var on strings.Builder
		for _, a := range d.Assignments {
			fmt.Fprintf(&on, " %s:%d", a.Cluster, a.Replicas)
			if a.Leaving > 0 {
				fmt.Fprintf(&on, " (%d leaving)", a.Leaving)
			}
		}
		return fmt.Sprintf("%s %s%s %s", d.Verdict, d.ID(), on.String(), d.Reason)
	case *event.CommandPlace:
		return fmt.Sprintf("%s #%d: %d of %s, %v", d.Cluster, d.Number, d.Replicas, d.Workload, d.Shapes)
	case *event.CommandWithdraw:
		return fmt.Sprintf("%s #%d: no %s", d.Cluster, d.Number, d.Workload)
	case *event.PlacementTicked:
		return fmt.Sprintf("tick %d", d.Observed)
	}
	return fmt.Sprintf("%s %s", e.Type(), e.ID)
}

// fact takes what a cluster says into the account.
func (b *books) fact(e event.Event) {
	switch d := e.Data.(type) {
	case *event.ClusterCapacityReported:
		if a := b.account(d.Cluster); d.Incarnation == a.incarnation {
			a.settle(d.AppliedThrough)
		}
	case *event.CommandRejected:
		a := b.account(d.Cluster)
		id := event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
		withdrawal := slices.ContainsFunc(a.sent[id], func(t sent) bool { return t.number == d.Number && t.gone })
		if d.Incarnation == a.incarnation && !withdrawal { // that one is tried on
			runs := b.w.site(d.Cluster).token(id)
			a.sent[id] = slices.DeleteFunc(a.sent[id], func(t sent) bool { // what it was told before and does not run was passed over
				return t.number <= d.Number && t.number != runs
			})
		}
	case *event.WorkloadStatusReported:
		a := b.account(d.Cluster)
		if d.Incarnation < a.incarnation {
			return // it has been answered since: nobody listens to the older one
		}
		a.ready[d.ID()] = append(a.ready[d.ID()], ready{e.At.Sequence, d.Incarnation, d.Report, d.Token, d.Ready})
	}
}

// token is that of the object which the cluster has for a workload, 0 if it has none.
func (s *site) token(id event.WorkloadID) uint64 {
	for _, o := range s.cluster.Stored() {
		if o.Workload == id {
			return o.Token
		}
	}
	return 0
}

// settle drops what commands up to a number have replaced.
func (a *account) settle(through uint64) {
	for id, list := range a.sent { // each on its own: the order does not matter
		at := -1
		for i, t := range list {
			if t.number <= through {
				at = i
			}
		}
		if at > 0 {
			list = list[at:]
		}
		if len(list) == 1 && at >= 0 && list[0].gone {
			delete(a.sent, id)
			continue
		}
		a.sent[id] = list
	}
}

// carriedOut drops what commands replaced that a cluster has carried out: its reports show
// what they freed, whatever number they name.
func (b *books) carriedOut(s *site) {
	a := b.account(s.id)
	token := map[event.WorkloadID]uint64{}
	for _, o := range s.cluster.Stored() {
		token[o.Workload] = o.Token
	}
	for id, list := range a.sent { // each on its own: the order does not matter
		for len(list) > 1 && (token[id] >= list[1].number || token[id] == 0 && list[1].gone) {
			list = list[1:]
		}
		a.sent[id] = list
	}
}

// record holds one record of PLACEMENTS against the laws.
func (b *books) record(e event.Event) {
	if d, ok := e.Data.(*event.EpochStarted); ok {
		if d.Epoch != b.epoch+1 {
			b.w.fail("record %d: epoch %d follows %d", e.At.Sequence, d.Epoch, b.epoch)
		}
		b.epoch, b.leader, b.floor = d.Epoch, e.Source, b.before
	}
	if e.Source != b.leader {
		b.w.fail("record %d: %s writes in the epoch of %s", e.At.Sequence, e.Source, b.leader)
	}
	switch d := e.Data.(type) {
	case *event.PlacementDecided:
		b.decision = d
		b.caughtUp(e, d.Positions)
	case *event.CommandSynchronise:
		a := b.account(d.Cluster)
		if d.First != a.number+1 {
			b.w.fail("record %d: %s is synchronised from %d, the last command was %d", e.At.Sequence, d.Cluster, d.First, a.number)
		}
		a.incarnation, a.first, a.last = d.Incarnation, d.First, d.Through
		for id, list := range a.ready { // each on its own: the order does not matter
			a.ready[id] = slices.DeleteFunc(list, func(r ready) bool { return r.incarnation < d.Incarnation && r.at > d.Positions.Status })
		}
		clear(a.sent)
	case *event.CommandPlace:
		b.number(e, d.Cluster, d.Number)
		b.account(d.Cluster).tell(event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}, sent{number: d.Number, uses: d.Shapes, request: d.Template.Resources})
		b.promised(e, d.Cluster)
	case *event.CommandWithdraw:
		b.number(e, d.Cluster, d.Number)
		id := event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
		b.lastCopy(e, d.Cluster, id)
		b.account(d.Cluster).tell(id, sent{number: d.Number, gone: true})
	}
}

func (a *account) tell(id event.WorkloadID, t sent) { a.sent[id] = append(a.sent[id], t) }

// number: command numbers of a cluster have no gap and never come twice.
func (b *books) number(e event.Event, c event.ClusterID, number uint64) {
	a := b.account(c)
	if number != a.number+1 {
		b.w.fail("record %d: command %d of %s follows %d", e.At.Sequence, number, c, a.number)
	}
	a.number = number
}

// promised: what stands on a shape of a cluster is never more than the shape has. Of
// commands that may both be in effect the larger counts.
func (b *books) promised(e event.Event, c event.ClusterID) {
	site := b.w.site(c)
	spec := site.cluster.Spec()
	if spec.Placement != agentsim.Pinned || site.drifted {
		return // replicas are on other nodes than those that were debited
	}
	for _, nodes := range spec.Nodes {
		var sum int64
		for _, list := range b.account(c).sent { // a sum: the order does not matter
			var most int64
			for _, t := range list {
				for _, use := range t.uses {
					if use.Shape == nodes.Shape {
						most = max(most, int64(use.Replicas)*t.request.CPUMilli)
					}
				}
			}
			sum += most
		}
		if have := int64(nodes.Count) * int64(nodes.CPU); sum > have {
			b.w.fail("record %d: %d thousandths of CPU promised on shape %s of %s, which has %d: %s", e.At.Sequence, sum, nodes.Shape, c, have, b.account(c))
		}
	}
}

func (w *world) site(c event.ClusterID) *site {
	return w.sites[slices.IndexFunc(w.sites, func(s *site) bool { return s.id == c })]
}

// lastCopy: a healthy replica is withdrawn from a wanted workload only when another is
// ready elsewhere, as far as the decision could know.
func (b *books) lastCopy(e event.Event, c event.ClusterID, id event.WorkloadID) {
	d := b.decision
	if d == nil || d.ID() != id || !moves(d.Verdict) || isOnce(id.Name) { // those give up first
		return
	}
	if !b.account(c).lives(id, d.Positions.Status) {
		return
	}
	for _, a := range d.Assignments {
		if a.Cluster != c && a.Replicas > 0 && b.account(a.Cluster).readyAt(id, d.Positions.Status) > 0 {
			return
		}
	}
	b.w.fail("record %d: the last healthy copy of %s is withdrawn from %s (%s: %s)", e.At.Sequence, id, c, d.Verdict, d.Reason)
}

func moves(v event.Verdict) bool {
	return v == event.VerdictMoved || v == event.VerdictScaled || v == event.VerdictPlaced || v == event.VerdictUpdated
}

// readyAt is how many replicas were ready by the statuses up to a place in the log.
func (a *account) readyAt(id event.WorkloadID, at uint64) int {
	var last ready // by the agent's own count: the log may have them in another order
	for _, r := range a.ready[id] {
		if r.at <= at && cmp.Or(cmp.Compare(r.incarnation, last.incarnation), cmp.Compare(r.report, last.report)) >= 0 {
			last = r
		}
	}
	return last.n
}

// lives says whether a healthy copy is there of what the cluster was told last, and not of
// a former life of the workload.
func (a *account) lives(id event.WorkloadID, at uint64) bool {
	list := a.sent[id]
	present := slices.ContainsFunc(a.ready[id], func(r ready) bool { return r.at <= at && len(list) > 0 && r.token >= list[0].number })
	return present && a.readyAt(id, at) > 0
}

// deleted: an agent deletes only what no command in force wants.
func (b *books) deleted(s *site, d agent.Withdrawal) {
	a := b.account(s.id)
	list := a.sent[d.Workload]
	if len(list) == 0 {
		return
	}
	last := slices.MaxFunc(list, func(x, y sent) int { return cmp.Compare(x.number, y.number) })
	if !last.gone && d.Token >= last.number {
		b.w.fail("%s deletes %s with token %d, though command %d wants it", s.id, d.Workload, d.Token, last.number)
	}
}

// folded: the log, folded anew, is the state of whoever leads.
func (b *books) folded(p *instance) {
	again := b.w.fold(p)
	if again == nil {
		return
	}
	if again.Digest() != p.State().Digest() {
		b.w.fail("the state of %s at record %d is not the fold of the log", p.name, p.State().Position())
	}
}

func (a *account) String() string {
	var out strings.Builder
	for _, id := range slices.SortedFunc(maps.Keys(a.sent), event.WorkloadID.Compare) {
		fmt.Fprintf(&out, "%s", id.Name)
		for _, t := range a.sent[id] {
			fmt.Fprintf(&out, " #%d %v of %d", t.number, t.uses, t.request.CPUMilli)
		}
		out.WriteString("; ")
	}
	return out.String()
}

func (b *books) String() string {
	return fmt.Sprintf("%d records, epoch %d, digest %x", b.read[event.Placements], b.epoch, b.digest)
}
