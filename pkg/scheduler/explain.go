package scheduler

import (
	"cmp"
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// A record's refusals stay below 64 KiB, whatever a policy says: so many groups at
// most, each with so many bytes of words.
const (
	maxRefusals = 64
	maxMessage  = 512
)

// Explain gives every cluster and every check for a workload at this state, and
// what deciding now would bring.
func (s *State) Explain(id event.WorkloadID) (Explanation, bool) {
	w := s.workloads[id]
	if w == nil {
		return Explanation{}, false
	}
	return s.explain(w), true
}

// Plan explains what deciding on the wish would bring, without taking it up.
func (s *State) Plan(spec *event.WorkloadSubmitted) Explanation {
	id := event.WorkloadID{Tenant: spec.Tenant, Name: spec.Name}
	w := s.workloads[id]
	if w == nil {
		w = &workload{id: id}
	}
	return s.explain(s.another(w, spec))
}

func (s *State) explain(w *workload) Explanation {
	out := Explanation{
		Tenant: w.id.Tenant, Workload: w.id.Name, Generation: w.generation,
		State: s.position, Positions: s.positions, Observed: s.observed,
		Decision: w.decision, Verdict: w.verdict, Replicas: w.spec.Replicas,
		Assignments: w.assignments(), Refusals: of(w.remarks).refusals, Reason: of(w.remarks).reason,
	}
	var later map[event.ClusterID]int
	if d := s.evaluate(w); d != nil {
		later = s.inLaterSteps(w, d)
		out.Verdict, out.Changed, out.Assignments = d.Verdict, true, standingPart(d.Assignments)
		out.Refusals, out.Reason = d.Refusals, d.Reason
	}
	out.Price, out.Currency = priceOf(out.Assignments), s.currency()
	out.Fleet, out.Steps, out.Clusters = s.tenantChecks(w), s.steps(w), s.table(w)
	for i := range out.Clusters {
		row := &out.Clusters[i]
		for _, a := range out.Assignments {
			if a.Cluster == row.Cluster {
				row.Replicas, row.Cost = a.Replicas-a.Leaving, a.Price
			}
		}
		if n, waits := later[row.Cluster]; waits {
			row.Replicas = n
		}
	}
	return out
}

func standingPart(all []event.Assignment) []event.Assignment {
	return slices.DeleteFunc(slices.Clone(all), func(a event.Assignment) bool { return a.Replicas == 0 })
}

// table is the whole truth: every cluster, every check.
func (s *State) table(w *workload) []ClusterChecks {
	out := make([]ClusterChecks, 0, len(s.clusters.sorted))
	s.prepare(w.query)
	for _, c := range s.clusters.sorted {
		out = append(out, s.row(w, c))
	}
	return out
}

func (s *State) row(w *workload, c *cluster) ClusterChecks {
	row := ClusterChecks{Cluster: c.id, Held: w.on(c).held()}
	for _, ch := range checks {
		if c.report == nil && ch.name != "member" && ch.name != "synchronised" && ch.name != "cordon" && ch.name != "drain" {
			continue // nothing is known to check against
		}
		if ch.asked != nil && !ch.asked(s, w.query) {
			continue
		}
		told := ch.tell(s, w.query, c)
		told.Name, told.OK = ch.name, ch.ok(s, w.query, c) || s.trial.mends(c, ch.name)
		row.Checks = append(row.Checks, told)
	}
	if c.report == nil {
		return row
	}
	if kept, ok := s.tellKept(w, c); ok {
		row.Checks = append(row.Checks, kept)
	}
	cand := s.candidate(w, w.query, c)
	row.Orchestrator, row.Free, row.Fits = c.report.Orchestrator, c.freeRoom().left, cand.limit
	if cand.limit > 0 || s.passes(w.query, c, false) { // also where there is no room
		sp := s.spotOn(w.query, c)
		row.Score, row.Parts = s.score(w.query, c, sp), s.scoreParts(w.query, c, sp)
		row.Price = c.priceAt(w.query.class, sp)
	}
	room := s.roomChecks(w, c, cand)
	for i := range room {
		room[i].OK = room[i].OK || s.trial.mends(c, room[i].Name)
	}
	row.Checks = append(row.Checks, room...)
	return row
}

// priceAt is what a replica costs where it would go, on the cheapest shape it may use
// where there is no room; 0 if no price is known.
func (c *cluster) priceAt(cl *class, sp spot) int64 {
	if sp.shape >= 0 {
		if p := c.freeRoom().shapes[sp.shape].price; p != nil {
			return cost(cl.request, p)
		}
		return 0
	}
	price, _ := c.cheapest(cl)
	return price
}

// roomChecks tell per resource what the best single node has, and how many
// replicas fit in all.
func (s *State) roomChecks(w *workload, c *cluster, cand candidate) []Check {
	cl := w.query.class
	shapes := openShapes(c.freeRoom(), cl)
	out := []Check{{Name: "node", OK: len(shapes) > 0, Have: int64(len(shapes)), Message: fmt.Sprintf("%d of %d node shapes meet architecture, labels and taints", len(shapes), len(c.freeRoom().shapes))}}
	if len(shapes) == 0 {
		return out
	}
	for _, r := range asked(cl.request) {
		best := bestNode(shapes, r)
		out = append(out, Check{Name: r.name, OK: best >= r.need, Need: r.need, Have: best,
			Message: fmt.Sprintf("%s asked, best node has %s free", amount(r.name, r.need), amount(r.name, best))})
	}
	if slices.ContainsFunc(out, func(ch Check) bool { return !ch.OK }) {
		return out // the resource says it all
	}
	fits := c.freeRoom().fit(cl)
	held := max(0, cand.limit-fits)
	message := fmt.Sprintf("%d of %d replicas fit together with what it runs", fits+held, w.spec.Replicas)
	if n := overdrawn(shapes); n > 0 {
		message += fmt.Sprintf("; %d node shapes have less than was promised, and take nothing before the next report", n)
	}
	return append(out, Check{Name: "room", OK: fits > 0 || held > 0, Need: int64(w.spec.Replicas), Have: int64(fits + held), Message: message})
}

func overdrawn(shapes []shapeRoom) int {
	n := 0
	for _, sh := range shapes {
		if sh.overdrawn {
			n++
		}
	}
	return n
}

func bestNode(shapes []shapeRoom, r ask) int64 {
	best := int64(0)
	for _, sh := range shapes {
		for _, g := range sh.groups {
			best = max(best, r.have(g.node.free))
		}
	}
	return best
}

func openShapes(r *free, cl *class) []shapeRoom {
	var out []shapeRoom
	for _, sh := range r.shapes {
		if cl.open(sh.shape) {
			out = append(out, sh)
		}
	}
	return out
}

// ask is one resource of a request.
type ask struct {
	name string
	need int64
	have func(event.FreeNodes) int64
}

func asked(q event.Resources) []ask {
	all := []ask{
		{"cpu", q.CPUMilli, func(g event.FreeNodes) int64 { return g.CPUMilli }},
		{"memory", q.MemoryBytes, func(g event.FreeNodes) int64 { return g.MemoryBytes }},
		{"gpu", q.GPUMilli, func(g event.FreeNodes) int64 { return gpuFor(g, q.GPUMilli) }},
	}
	for _, name := range sortedKeys(q.Extended) {
		all = append(all, ask{name, q.Extended[name], func(g event.FreeNodes) int64 { return g.Extended[name] }})
	}
	return slices.DeleteFunc(all, func(a ask) bool { return a.need == 0 })
}

// gpuFor is the GPU room that counts for a request: the fullest single device for a
// share, whole free devices otherwise.
func gpuFor(g event.FreeNodes, milli int64) int64 {
	var best, whole int64
	for _, free := range g.GPUs {
		best = max(best, int64(free))
		if free == room.Device {
			whole += room.Device
		}
	}
	if milli < room.Device {
		return best
	}
	return whole
}

// refusals groups the failed checks of every cluster that takes nothing: how many
// clusters, and the one that came nearest. The reason is one line for people.
func (s *State) refusals(w *workload, came outcome) ([]event.Refusal, string) {
	q := w.query
	var out []event.Refusal
	fits, taking := 0, 0
	rows := s.table(w)
	for _, row := range rows {
		for _, ch := range row.Checks {
			if !ch.OK {
				out = addRefusal(out, row.Cluster, ch)
			}
		}
		if row.Fits > 0 || !slices.ContainsFunc(row.Checks, func(ch Check) bool { return !ch.OK }) {
			fits, taking = min(maxFit, fits+row.Fits), taking+1
		}
	}
	if want := q.spec.Replicas; taking > 0 && fits < want {
		out = append(out, event.Refusal{Check: "replicas", Clusters: taking, Nearest: roomiest(rows), Need: int64(want), Have: int64(fits),
			Message: fmt.Sprintf("%d replicas wanted, the clusters that pass hold %d together", want, fits)})
	}
	if came.lacks != "" && taking > 0 && (came.lacks != "replicas" || fits >= q.spec.Replicas) {
		out = append(out, event.Refusal{Check: came.lacks, Clusters: taking, Nearest: roomiest(rows), Need: came.need, Have: came.have, Message: clip(came.why, maxMessage)})
		fits = min(fits, came.placed)
	}
	slices.SortStableFunc(out, func(a, b event.Refusal) int { return cmp.Compare(b.Clusters, a.Clusters) })
	reason := fmt.Sprintf("%d of %d replicas fit on %d clusters", min(fits, q.spec.Replicas), q.spec.Replicas, len(s.clusters.sorted))
	return out[:min(len(out), maxRefusals)], reason
}

// roomiest is the cluster that holds most replicas.
func roomiest(rows []ClusterChecks) event.ClusterID {
	return slices.MaxFunc(rows, func(a, b ClusterChecks) int {
		return cmp.Or(cmp.Compare(a.Fits, b.Fits), cmp.Compare(b.Cluster, a.Cluster))
	}).Cluster
}

func addRefusal(all []event.Refusal, c event.ClusterID, ch Check) []event.Refusal {
	at := slices.IndexFunc(all, func(r event.Refusal) bool { return r.Check == clip(ch.Name, 63) })
	if at < 0 {
		return append(all, event.Refusal{Check: clip(ch.Name, 63), Clusters: 1, Nearest: c, Need: ch.Need, Have: ch.Have, Message: clip(ch.Message, maxMessage)})
	}
	r := &all[at]
	r.Clusters++
	if missing(ch.Need, ch.Have) < missing(r.Need, r.Have) {
		r.Nearest, r.Need, r.Have, r.Message = c, ch.Need, ch.Have, clip(ch.Message, maxMessage)
	}
	return all
}

// missing is how far a check is from passing.
func missing(need, have int64) int64 {
	if need > have {
		return need - have
	}
	return have - need // a limit that was passed, as with silence
}
