package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// world is the federation of a case, as it stands before the case asks for anything.
type world struct {
	*federation
	c     *testCase
	names map[event.ClusterID]string // as the case has them
	size  event.Resources            // of one replica
	plan  *scheduler.Explanation     // of what the case asks for
}

// subject is the workload that a case is about.
var subject = workloadID("subject")

// build makes the clusters and brings them to where the case begins: what others hold,
// what runs already, and only then what stands against it (taints, a missing kind).
func build(c *testCase) (*world, error) {
	w := &world{federation: newFederation(begin(c)), c: c, names: map[event.ClusterID]string{}}
	steps := []func() error{
		w.measure, w.joinAll, w.setPools, w.setScores, w.placeOthers, w.placePrevious, w.close, w.taintAll, w.reach,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return w, w.settle()
}

// begin is a minute before the case's own time, so that what happened before it can.
func begin(c *testCase) time.Time {
	if c.Request.Now.IsZero() {
		return time.Time{}
	}
	return c.Request.Now.Add(-time.Minute)
}

// measure finds how large a replica is: as large as a slot, unless clusters say what they
// have of each resource.
func (w *world) measure() (err error) {
	w.size = event.Resources{CPUMilli: 1000}
	for _, m := range w.c.Clusters {
		if m.Capacity != nil && m.Capacity.AvailableReplicas == nil {
			w.size = event.Resources{}
		}
	}
	if w.c.Request.Resources != nil {
		w.size, err = asked(w.c.Request.Resources)
	}
	return err
}

func (w *world) joinAll() error {
	for _, m := range w.c.Clusters {
		if err := w.joinMember(m); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.c.Request.Previous)) { // gone since
		if _, here := w.names[clusterID(name)]; !here {
			if err := w.joinMember(member{Name: name}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) joinMember(m member) error {
	a := &agent{
		id: clusterID(m.Name), orchestrator: "kubernetes", kinds: []event.Kind{event.KindService, event.KindJob, event.KindVM},
		slots: plenty, slot: event.Resources{CPUMilli: 1000}, facts: factsOf(m), ready: map[event.WorkloadID]observed{},
	}
	if _, twice := w.names[a.id]; twice {
		return fmt.Errorf("two clusters are called %s", a.id)
	}
	w.names[a.id] = m.Name
	if m.Capacity == nil && strings.HasPrefix(w.c.Request.Score, "free_") {
		m.Capacity = &capacity{} // such a case means that it has told of none
	}
	nodes, err := nodesOf(m.Capacity)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	if nodes != nil {
		a.fixed, a.silent = nodes, true
	}
	if m.Capacity != nil && m.Capacity.AvailableReplicas != nil { // what runs already is not among them
		a.slots = *m.Capacity.AvailableReplicas + w.c.Request.Previous[m.Name]
		a.total = w.alike()
	}
	return w.join(a)
}

// alike is how large clusters are that have so many slots free: all as the largest, so
// that more room is more of the cluster, too.
func (w *world) alike() int {
	most := 0
	for _, m := range w.c.Clusters {
		if m.Capacity != nil && m.Capacity.AvailableReplicas != nil {
			most = max(most, *m.Capacity.AvailableReplicas+w.c.Request.Previous[m.Name])
		}
	}
	return most
}

// factsOf are what a cluster tells of itself, without what stands against a workload.
func factsOf(m member) event.ClusterCapacityReported {
	r := event.ClusterCapacityReported{Provider: m.Provider, Region: m.Region, Labels: maps.Clone(m.Labels)}
	if len(m.Zones) > 0 {
		r.Zone = m.Zones[0]
	}
	add := func(key, value string) {
		if r.Labels == nil {
			r.Labels = map[string]string{}
		}
		r.Labels[key] = value
	}
	for _, name := range slices.Sorted(maps.Keys(m.Claims)) {
		add(claimed+name, m.Claims[name])
	}
	if m.Pool != "" {
		add("pool", m.Pool)
	}
	return r
}

// setPools defines pools: by the label that says which pool a cluster is in, unless a
// selector is given. A selector of a kind that does not exist stays one.
func (w *world) setPools() error {
	if len(w.c.Request.PoolDefinitions) == 0 {
		return nil
	}
	var p event.PolicySet
	for _, name := range slices.Sorted(maps.Keys(w.c.Request.PoolDefinitions)) {
		def := w.c.Request.PoolDefinitions[name]
		in := event.Pool{Name: name}
		switch def.SelectorType {
		case "", "ExclusiveClusterSetLabel":
			in.Clusters = []event.Requirement{{Key: "pool", Operator: event.OperatorIn, Values: []string{name}}}
		case "LabelSelector":
			in.Clusters = requirements("", def.LabelSelector)
		default:
			in.Clusters = []event.Requirement{{Key: "pool", Operator: event.Operator(def.SelectorType)}}
		}
		p.Pools = append(p.Pools, in)
	}
	return w.operate(&p)
}

// setScores sets what clusters are worth from outside.
func (w *world) setScores() error {
	for _, m := range w.c.Clusters {
		if m.Score != nil {
			if err := w.operate(&event.ScoreSet{Cluster: clusterID(m.Name), Name: ownScore, Value: *m.Score}); err != nil {
				return err
			}
		}
		for _, source := range slices.Sorted(maps.Keys(m.External)) {
			if err := w.setExternal(m.Name, source, m.External[source]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) setExternal(cluster, source string, s externalScore) error {
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		set := &event.ScoreSet{Cluster: clusterID(cluster), Name: source + "/" + name, Value: s.Values[name]}
		if !s.ValidUntil.IsZero() {
			set.ValidUntil = s.ValidUntil.UnixMilli()
		}
		if err := w.operate(set); err != nil {
			return err
		}
	}
	return nil
}

// placeOthers places what other requests hold: one replica on each cluster named.
func (w *world) placeOthers() error {
	others := w.c.Request.OthersHold
	for _, name := range slices.Sorted(maps.Keys(others)) {
		spec := w.spec(workloadID(name), 1)
		spec.Policy = event.Policy{Clusters: named(others[name]), Strategy: event.StrategyDuplicate}
		if err := w.submit(spec); err != nil {
			return err
		}
		if err := w.settle(); err != nil {
			return err
		}
		if got := w.standing(workloadID(name)); len(got) != len(others[name]) {
			return fmt.Errorf("%s does not stand where others hold: %v", name, got)
		}
	}
	return nil
}

// placePrevious decides an earlier wish, so that replicas stand where they ran already.
// One of none stands for one: with us a cluster holds a workload with a replica.
func (w *world) placePrevious() error {
	before := w.c.Request.Previous
	if len(before) == 0 {
		return nil
	}
	policy := event.Policy{
		Strategy: event.StrategyWeighted, Division: event.DivisionFresh, Tolerations: tolerations(w.c.Request.Tolerations),
	}
	want, total := map[event.ClusterID]int{}, 0
	for _, name := range slices.Sorted(maps.Keys(before)) {
		n := max(1, before[name])
		want[clusterID(name)], total = n, total+n
		policy.Weights = append(policy.Weights, event.Weight{Clusters: named([]string{name}), Weight: n})
	}
	policy.Clusters = named(slices.Sorted(maps.Keys(before)))
	spec := w.spec(subject, total)
	spec.Policy = policy
	if err := w.submit(spec); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	if got := w.standing(subject); !maps.Equal(got, want) {
		return fmt.Errorf("what ran before does not stand: %v instead of %v", got, want)
	}
	return nil
}

// close takes clusters out of use: those that are being left or deleted. What ran on a
// cluster that is not in the case leaves with the request itself (ask).
func (w *world) close() error {
	leaving := slices.Clone(w.c.Request.EvictingFrom)
	for _, m := range w.c.Clusters {
		if m.Deleting {
			leaving = append(leaving, m.Name)
		}
	}
	for _, name := range leaving {
		if err := w.operate(&event.ClusterDrained{Cluster: clusterID(name)}); err != nil {
			return err
		}
	}
	return w.settle()
}

// taintAll lets clusters report taints and the kinds they offer, in the order of time.
func (w *world) taintAll() error {
	tainted := slices.Clone(w.c.Clusters)
	slices.SortStableFunc(tainted, func(a, b member) int { return since(a).Compare(since(b)) })
	for _, m := range tainted {
		if at := since(m); !at.IsZero() {
			if err := w.pass(at.Sub(w.now)); err != nil {
				return err
			}
		}
		a := w.agent(clusterID(m.Name))
		a.facts.Taints, a.dirty = taints(m.Taints), true
		if m.SupportedKinds != nil {
			a.kinds = kinds(m.SupportedKinds)
		}
		if err := w.settle(); err != nil {
			return err
		}
	}
	return nil
}

func since(m member) time.Time {
	if len(m.Taints) == 0 {
		return time.Time{}
	}
	return m.Taints[0].TimeAdded
}

// reach lets time pass to the case's own.
func (w *world) reach() error {
	if now := w.c.Request.Now; now.After(w.now) {
		return w.pass(now.Sub(w.now))
	}
	return nil
}

func (w *world) agent(id event.ClusterID) *agent {
	i := slices.IndexFunc(w.agents, func(a *agent) bool { return a.id == id })
	return w.agents[i]
}

// spec is a workload of so many replicas of the case's size.
func (w *world) spec(id event.WorkloadID, replicas int) *event.WorkloadSubmitted {
	return &event.WorkloadSubmitted{
		Tenant: id.Tenant, Name: id.Name, Kind: event.KindService, Replicas: replicas,
		Template: event.Template{Image: "registry.example/case:1", Resources: w.size},
	}
}

// kindOf translates a kind by what it is for: one that is neither a service nor a job is
// the third that we have.
func kindOf(name string) event.Kind {
	switch name {
	case "", "apps/v1/Deployment":
		return event.KindService
	case "batch/v1/Job":
		return event.KindJob
	}
	return event.KindVM
}

func kinds(names []string) []event.Kind {
	var out []event.Kind
	for _, name := range names {
		out = append(out, kindOf(name))
	}
	return out
}
