package scheduler

import (
	"fmt"
	"math/bits"
	"slices"

	"fairlead.dev/pkg/event"
)

// A steering plan says where new replicas go so that the fleet costs least. It is
// solved beside the log and recorded (steering.planned); decisions follow it while it
// holds: groups of clusters with quota left for a class go first, and scarce room
// counts beside its price. Only those who prefer price above all else are steered.

// quotaLead puts a cluster with quota left before any without: parts of a score are
// at most a million, and so much more than that what taints cost.
const quotaLead = 8 * million

// worthMost bounds what scarce room counts in a score.
const worthMost = 4 * million

// steer is the plan that holds and what is left of it.
type steer struct {
	plan   *event.SteeringPlanned // nil: none holds
	left   map[string][]int       // by class: replicas still to go to each group
	number uint64                 // plans begun or ended in this process: for what was computed for one
	census *census                // what the next plan is made of; nil until it is asked for
}

// begin follows a plan; nil ends the one that holds.
func (st *steer) begin(d *event.SteeringPlanned) {
	st.plan, st.left = d, nil
	st.number++
	if d == nil {
		return
	}
	st.left = map[string][]int{}
	for _, q := range d.Quotas {
		if st.left[q.Class] == nil {
			st.left[q.Class] = make([]int, len(d.Groups))
		}
		st.left[q.Class][q.Group] = q.Replicas
	}
}

// applySteering follows a new plan, unless it is too old already.
func (s *State) applySteering(d *event.SteeringPlanned) {
	if d.Observed+d.ValidMillis > s.observed {
		s.steer.begin(d)
	}
}

// endSteering drops a plan whose time is over.
func (s *State) endSteering() {
	if p := s.steer.plan; p != nil && p.Observed+p.ValidMillis <= s.observed {
		s.steer.begin(nil)
	}
}

// snapshot is the plan with what is left of its quotas; nil if none holds.
func (st *steer) snapshot() *event.SteeringPlanned {
	if st.plan == nil {
		return nil
	}
	out := *st.plan
	out.Quotas = nil
	for _, class := range sortedKeys(st.left) {
		for g, n := range st.left[class] {
			if n > 0 {
				out.Quotas = append(out.Quotas, event.SteeringQuota{Class: class, Group: g, Replicas: n})
			}
		}
	}
	return &out
}

// steers says whether price is what counts most: then a plan is followed.
func (w *weighing) steers() bool { return w.price > 0 && 2*w.price > w.total }

// isSteered says whether a plan has a say in where the query goes.
func (s *State) isSteered(q *query) bool { return s.steer.plan != nil && q.weigh.steers() }

// steered is what the plan adds to a score: the lead of groups with quota left, less
// what the plan holds the cluster's room to be worth.
func (s *State) steered(q *query, c *cluster) int64 {
	if !s.isSteered(q) {
		return 0
	}
	g := s.planGroup(c)
	if g < 0 {
		return 0
	}
	group := &s.steer.plan.Groups[g]
	out := -q.weigh.price * q.weigh.against(q.class, &event.Price{CPU: group.CPU, Memory: group.Memory, GPU: group.GPU}) / q.weigh.total
	if left := s.steer.left[s.steerClass(q)]; left != nil && left[g] > 0 {
		out += quotaLead
	}
	return out
}

// against is what a worth of room comes to, in millionths of the dearest price.
func (w *weighing) against(cl *class, worth *event.Price) int64 {
	whole := uint64(max(1, cost(cl.request, &w.reference)))
	hi, lo := bits.Mul64(uint64(cost(cl.request, worth)), million)
	if hi >= whole {
		return worthMost
	}
	out, _ := bits.Div64(hi, lo, whole)
	return int64(min(out, worthMost))
}

// took counts fresh replicas on a cluster against the quota of their class.
func (s *State) took(w *workload, c *cluster, fresh int) {
	if s.steer.plan == nil || fresh <= 0 {
		return
	}
	s.prepare(w.query)
	if left, g := s.steer.left[s.steerClass(w.query)], s.planGroup(c); left != nil && g >= 0 {
		left[g] = max(0, left[g]-fresh)
	}
}

// steerClass names the profile of a query in plans.
func (s *State) steerClass(q *query) string {
	if q.profile.named == "" {
		q.profile.named = fmt.Sprintf("%016x", hash(q.profile.key, 0))
	}
	return q.profile.named
}

// inPlan remembers a cluster's place in a plan.
type inPlan struct {
	plan  uint64 // number of the plan; 0 is none
	group int
}

// planGroup is the cluster's group in the plan, -1 if it is in none.
func (s *State) planGroup(c *cluster) int {
	if c.inPlan.plan != s.steer.number {
		p := s.steer.plan
		name := c.groupName(p.By)
		c.inPlan = inPlan{s.steer.number, slices.IndexFunc(p.Groups, func(g event.SteeringGroup) bool { return g.Name == name })}
	}
	return c.inPlan.group
}

// groupName is what the cluster has in common with others of its group.
func (c *cluster) groupName(by event.SteeringPlannedBy) string {
	if by == event.SteeringPlannedByCluster || c.report == nil {
		return string(c.id)
	}
	place := c.report.Region + "/" + c.report.Provider
	if by == event.SteeringPlannedByRegion {
		return place
	}
	price := event.Price{}
	if all := c.rates(); len(all) > 0 {
		price = all[0]
	}
	return fmt.Sprintf("%s/%d/%d/%d", place, price.CPU, price.Memory, price.GPU)
}
