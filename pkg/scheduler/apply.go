package scheduler

import (
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// Apply folds one event into the state. It accepts any event: what contradicts the
// state is ignored, and the position advances all the same.
func (s *State) Apply(e event.Event) {
	s.applied++
	s.advance(e.At)
	switch d := e.Data.(type) {
	case *event.WorkloadSubmitted:
		s.applySubmitted(d, e.At.Sequence)
	case *event.WorkloadWithdrawn:
		s.applyWithdrawn(d)
	case *event.WorkloadReleased:
		s.applyReleased(d)
	case *event.ClusterCordoned, *event.ClusterUncordoned, *event.ClusterDrained:
		s.applyWish(d)
	case *event.AgentStarted:
		s.applyHello(d, e.At.Sequence)
	case *event.ClusterLeft:
		s.applyLeft(d)
	case *event.ClusterCapacityReported:
		s.applyCapacity(d)
	case *event.WorkloadStatusReported:
		s.applyStatus(d)
	case *event.CommandRejected:
		s.applyRejected(d)
	default:
		if !s.applySettings(d) {
			s.applyRecord(e)
		}
	}
}

// Skip advances the position over a message that is no event.
func (s *State) Skip(at event.At) { s.advance(at) }

// applyRecord folds what placement itself recorded.
func (s *State) applyRecord(e event.Event) {
	switch d := e.Data.(type) {
	case *event.PlacementDecided:
		s.applyDecided(d, e.At.Sequence)
	case *event.CommandSynchronise:
		s.applySynchronise(d)
	case *event.CommandPlace:
		s.applyCommand(d.Cluster, d.Number)
	case *event.CommandWithdraw:
		s.applyCommand(d.Cluster, d.Number)
	case *event.PlacementTicked:
		s.applyTick(d)
	case *event.EpochStarted:
		s.applyEpoch(d)
	case *event.ClusterSuspected:
		s.applySuspected(d)
	case *event.ClusterRecovered:
		s.applyRecovered(d)
	case *event.ClusterLost:
		s.applyLost(d)
	case *event.EvictionsChanged:
		s.applyEvictions(d)
	case *event.SteeringPlanned:
		s.applySteering(d)
	}
}

func (s *State) advance(at event.At) {
	switch at.Stream {
	case event.Intents:
		s.positions.Intents = max(s.positions.Intents, at.Sequence)
	case event.Status:
		s.positions.Status = max(s.positions.Status, at.Sequence)
	case event.Capacity:
		s.positions.Capacity = max(s.positions.Capacity, at.Sequence)
	case event.Placements:
		s.position = max(s.position, at.Sequence)
	}
}

// applyEpoch begins the appends of a leader. A stream whose incarnation changed
// counts from its new beginning.
func (s *State) applyEpoch(d *event.EpochStarted) {
	s.epoch = d.Epoch
	if len(d.Streams) > 0 {
		s.streams = maps.Clone(d.Streams)
	}
	s.positions = d.Positions
	s.ruleBy(d.Rules)
}

func (s *State) applySubmitted(d *event.WorkloadSubmitted, generation uint64) {
	id := event.WorkloadID{Tenant: d.Tenant, Name: d.Name}
	d = s.known.wish(d, len(s.workloads))
	w := s.workloads[id]
	if w == nil {
		w = &workload{id: id, account: s.books.get(id.Tenant)}
		s.workloads[id], s.names = w, nil
	}
	s.forget(w)
	s.uncount(w)
	s.ask(w, -1)
	s.endClaim(w)
	w.efforts = nil
	w.completed = w.completed && sameWish(w.spec, d)
	if !w.waits() {
		w.since = s.observed
	}
	if w.spec != nil {
		s.wakeTied(w) // those that keep off it, or that it keeps off, may have no need to
	}
	former := w.formerBefore(d)
	w.keepWish()
	if w.withdrawn {
		// A workload that comes back begins anew, whether or not its old
		// replicas are gone already; they are still known by their seats.
		s.setCharge(w, nil)
		*w = workload{id: id, seats: w.seats, account: w.account, since: s.observed, past: &past{older: of(w.past).older}}
	}
	w.spec, w.generation, w.age = d, generation, generation
	w.renew(former)
	s.noteAge(w)
	w.query = s.known.query(w, d)
	s.ask(w, 1)
	s.classify(w)
	if !w.once() {
		s.forgive(w)
	}
	s.enlist(w)
	s.wakeTied(w)
	s.touch(w)
	s.recount(w)
}

func (s *State) applyWithdrawn(d *event.WorkloadWithdrawn) {
	w := s.workloads[event.WorkloadID{Tenant: d.Tenant, Name: d.Name}]
	if w == nil || w.withdrawn {
		return
	}
	w.withdrawn = true
	s.wakeTied(w)
	s.leaveGroup(w)
	s.endClaim(w)
	s.touch(w)
	s.recount(w)
}

func (s *State) applyWish(d event.Payload) {
	c := s.clusters.get(event.ClusterID(d.ScopeName()))
	switch d.(type) {
	case *event.ClusterCordoned:
		c.cordoned = true
	case *event.ClusterDrained:
		c.draining = true
	case *event.ClusterUncordoned:
		c.cordoned, c.draining = false, false
	}
	s.improved(c)
	s.touchSeats(c)
}

func (s *State) applyHello(d *event.AgentStarted, incarnation uint64) {
	c := s.clusters.get(d.Cluster)
	c.hello = max(c.hello, incarnation)
	c.left = false
	s.queue.counted, s.queue.searched = false, false
	s.improved(c)
}

// applyLeft takes a cluster out of the fleet; what an older agent says of leaving
// does not count once a newer one is there.
func (s *State) applyLeft(d *event.ClusterLeft) {
	c := s.clusters.byName[d.Cluster]
	if c == nil || d.Incarnation != 0 && d.Incarnation < c.hello {
		return
	}
	c.left = true
	s.queue.counted = false
	s.touchSeats(c)
	if d.Incarnation == 0 { // an operator's word that the cluster is no more
		for _, w := range c.seated() {
			s.release(w.on(c))
		}
	}
}

// applyCapacity makes a newer report the base. The commands it contains leave the
// debits; the rest stay.
func (s *State) applyCapacity(d *event.ClusterCapacityReported) {
	c := s.clusters.byName[d.Cluster]
	if c == nil || d.Incarnation != c.synced || s.behind(c, d.AppliedThrough) {
		return // not answered yet, of the past, or knowing more than the log
	}
	if c.report != nil && c.report.Incarnation == d.Incarnation && d.Report <= c.report.Report {
		return
	}
	old, room, same := c.report, c.room, sameFacts(c.report, d)
	c.watch(d, s.observed)
	c.report, c.speaker, c.heard, c.inPlan = d, d.Incarnation, true, inPlan{}
	if !same {
		c.alike = alike{}
	}
	if old == nil && len(d.Prices) > 0 || old != nil && !slices.Equal(old.Prices, d.Prices) {
		s.repriced(c.id)
	}
	s.takeBackNamed(c, d.Rejected)
	s.contain(c, d.AppliedThrough)
	marked := len(c.marks) > 0
	c.dropMarks()
	c.dropRoom()
	s.noteTaints(c)
	s.maintainCluster(c)
	if same && !marked {
		s.reported(c, room)
		if s.lull > 0 {
			s.known.note(c, change{kind: changeRoom}) // what it has is less of a risk now
		}
		s.attend(c)
		return
	}
	s.improved(c)
	if !same && old != nil {
		s.touchSeats(c) // what runs there may not have to do with such a cluster
	}
}

// sameFacts says whether a report tells nothing new but room.
func sameFacts(a, b *event.ClusterCapacityReported) bool {
	return a != nil && a.Incarnation == b.Incarnation && a.Orchestrator == b.Orchestrator && a.Version == b.Version &&
		a.Provider == b.Provider && a.Region == b.Region && a.Zone == b.Zone && a.Leased == b.Leased &&
		slices.Equal(a.Kinds, b.Kinds) && slices.Equal(a.Native, b.Native) && slices.Equal(a.Lacks, b.Lacks) && maps.Equal(a.Labels, b.Labels) &&
		slices.Equal(a.Taints, b.Taints) &&
		slices.EqualFunc(a.Shapes, b.Shapes, func(x, y event.NodeShape) bool { return x.Name == y.Name })
}

// takeBackNamed takes the commands back that a report names as rejected, before they count as
// inside it. Their rejections come by another stream and may be read later, which then
// changes nothing. What is not pending any more was inside a report that named it too.
func (s *State) takeBackNamed(c *cluster, numbers []uint64) {
	for at := 0; at < len(c.pending) && len(numbers) > 0; {
		switch t := c.pending[at]; {
		case t.Number < numbers[0] || t.held() == 0:
			at++
		case t.Number > numbers[0]:
			numbers = numbers[1:]
		default:
			s.reject(t.seat, t.Number)
			at++
		}
	}
}

// contain settles the commands that a report says are inside it.
func (s *State) contain(c *cluster, through uint64) {
	for len(c.pending) > 0 && c.pending[0].Number <= through {
		t := c.pending[0]
		c.pending = c.pending[1:]
		t.seat.settle(t)
		s.dropEmpty(t.seat)
	}
}

// dropEmpty forgets a seat that holds nothing, and with it a workload that is
// withdrawn and stands nowhere.
func (s *State) dropEmpty(st *seat) {
	if st.at == vacated || !st.empty() {
		return
	}
	st.leave()
	s.known.note(st.c, change{kind: changeSeats})
	s.wakeTied(st.w)
	s.dropWithdrawn(st.w)
}

func (s *State) dropWithdrawn(w *workload) {
	if w.withdrawn && w.verdict == event.VerdictWithdrawn && len(w.seats) == 0 {
		s.forget(w)
		s.ask(w, -1)
		delete(s.workloads, w.id)
		w.age = 0
		s.names = nil
		s.enlist(w)
	}
}

// dropMarks forgets rejections that the report is newer than.
func (c *cluster) dropMarks() {
	for _, key := range sortedKeys(c.marks) {
		if c.marks[key].Report < c.report.Report {
			delete(c.marks, key)
		}
	}
}

func (s *State) applyStatus(d *event.WorkloadStatusReported) {
	c, id := s.clusters.byName[d.Cluster], event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
	if c == nil || d.Incarnation != c.synced || s.behind(c, d.Token) {
		return
	}
	st := s.seatOf(id, c)
	if st == nil || st.status.incarnation == d.Incarnation && d.Report < st.status.report {
		return
	}
	w, before, doubted, unsure := st.w, st.status, st.doubted(), st.unsure()
	st.status = statusOf(d)
	s.noteProgress(st, &before)
	if st.gaveUp(d) {
		s.touch(w)
	}
	if d.Last != nil {
		switch d.Last.Outcome {
		case event.OutcomeApplied:
			st.confirm(d.Last.Number)
		case event.OutcomeRejected:
			s.reject(st, d.Last.Number)
		}
	}
	if st.resolve(d) || doubted && !st.doubted() {
		s.goesOn(st)
	}
	if unsure && !st.unsure() {
		s.touch(w)
	}
	if s.workloads[id] == w && (w.moving() && w.replaced() || s.stepDone(w) || w.succeeded()) {
		s.touch(w)
	}
	s.dropEmpty(st)
}

// applyRejected marks the cluster for such requests until a newer report and lets
// the workload be decided again.
func (s *State) applyRejected(d *event.CommandRejected) {
	c, id := s.clusters.byName[d.Cluster], event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}
	if c == nil || d.Incarnation != c.synced {
		return
	}
	st := s.seatOf(id, c)
	if st == nil {
		return
	}
	t := st.find(d.Number)
	if t == nil || !s.reject(st, d.Number) {
		return
	}
	key := id.String()
	if d.Reason == event.RejectReasonCapacity {
		key = t.class.key
	}
	if c.report == nil || d.Report >= c.report.Report {
		c.marks[key] = mark{Report: max(d.Report, c.marks[key].Report)}
	}
}

// reject takes a command back; false if it is not known or rejected already.
func (s *State) reject(st *seat, number uint64) bool {
	if !st.reject(number) {
		return false
	}
	s.touch(st.w)
	if st.doubted() {
		s.goesOn(st)
	}
	s.dropEmpty(st)
	return true
}

func (s *State) touchSeats(c *cluster) {
	for _, w := range c.seated() {
		s.touch(w)
	}
}

// seated are the workloads with a seat on the cluster, in order.
func (c *cluster) seated() []*workload {
	out := make([]*workload, 0, len(c.seats))
	for _, st := range c.seats {
		out = append(out, st.w)
	}
	slices.SortFunc(out, func(a, b *workload) int { return a.id.Compare(b.id) })
	return out
}
