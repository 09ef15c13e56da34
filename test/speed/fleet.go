package main

import (
	"cmp"
	"fmt"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// reportEvery is how many commands a cluster takes between two of its reports.
const reportEvery = 10

// fleet is a state with the clusters that answer it.
type fleet struct {
	state    *scheduler.State
	at       map[event.Stream]uint64
	clusters map[event.ClusterID]*site
	due      []*site // have a report to make
	strays   int     // replicas that found no room where they were told to go
	decided  int
}

// site is one cluster: its nodes, and what it has told.
type site struct {
	id                           event.ClusterID
	number                       int
	incarnation, report, applied uint64
	shapes                       []*shape
	since                        int // commands since the last report
}

// shape is nodes alike; free is how many have so much room.
type shape struct {
	name string
	room
	nodes int
	free  map[room]int
}

type room struct{ cpu, memory int64 }

func (a room) holds(b room) bool { return a.cpu >= b.cpu && a.memory >= b.memory }

// newFleet is a fleet that has said hello, was answered and has reported.
func newFleet(clusters, nodes int) *fleet {
	f := &fleet{
		state:    scheduler.New(scheduler.DefaultConfig()),
		at:       map[event.Stream]uint64{},
		clusters: map[event.ClusterID]*site{},
	}
	f.record(&event.EpochStarted{Engine: scheduler.Engine, Epoch: 1, Leader: "speed"})
	for i := range clusters {
		s := newSite(i, nodes/clusters)
		f.clusters[s.id] = s
		s.incarnation = f.fact(event.Intents, &event.AgentStarted{Cluster: s.id, Instance: "speed", Orchestrator: "sim"})
	}
	for f.step() != nil {
	}
	for i := range clusters {
		f.due = append(f.due, f.clusters[siteName(i)])
	}
	f.reports()
	return f
}

func siteName(i int) event.ClusterID { return event.ClusterID(fmt.Sprintf("c%05d", i)) }

// newSite has about so many nodes in four of six shapes. Clusters differ.
func newSite(i, nodes int) *site {
	s := &site{id: siteName(i), number: i}
	for k := range 4 {
		kind := (i + k) % 6
		cores := int64(4) << (kind % 4)
		sh := &shape{
			name:  fmt.Sprintf("m%d", kind),
			room:  room{cores * 1000, cores * int64(2+kind) << 30},
			nodes: max(1, nodes*(k+1)/10+(i*7+k*3)%5-2),
		}
		sh.free = map[room]int{sh.room: sh.nodes}
		s.shapes = append(s.shapes, sh)
	}
	return s
}

func (f *fleet) fact(stream event.Stream, p event.Payload) uint64 {
	f.at[stream]++
	f.state.Apply(event.Event{ID: "f", Source: "/speed", Data: p, At: event.At{Stream: stream, Sequence: f.at[stream]}})
	return f.at[stream]
}

func (f *fleet) record(p event.Payload) { f.fact(event.Placements, p) }

// step decides and applies one record, as the leader does.
func (f *fleet) step() event.Payload {
	p := f.state.Decide()
	if p != nil {
		f.record(p)
		f.carryOut(p)
	}
	return p
}

// carryOut is what the clusters do about a record.
func (f *fleet) carryOut(p event.Payload) {
	switch d := p.(type) {
	case *event.PlacementDecided:
		f.decided++
	case *event.CommandSynchronise:
		s := f.clusters[d.Cluster]
		s.applied = d.Through
	case *event.CommandPlace:
		s := f.clusters[d.Cluster]
		f.strays += s.run(d)
		s.applied = d.Number
		if s.since++; s.since == reportEvery {
			f.due = append(f.due, s)
		}
	}
}

// reports lets every cluster speak that has something to say.
func (f *fleet) reports() {
	for _, s := range f.due {
		f.fact(event.Capacity, s.capacity())
	}
	f.due = f.due[:0]
}

// run pins the replicas to the shapes that were debited, each to the node that it fills
// best. It tells how many found no room.
func (s *site) run(d *event.CommandPlace) (strays int) {
	want := room{d.Template.Resources.CPUMilli, d.Template.Resources.MemoryBytes}
	for _, use := range d.Shapes {
		i := slices.IndexFunc(s.shapes, func(sh *shape) bool { return sh.name == use.Shape })
		for range use.Replicas {
			if !s.shapes[i].take(want) {
				strays++
			}
		}
	}
	return strays
}

func (sh *shape) take(want room) bool {
	var best room
	found := false
	for have := range sh.free {
		if have.holds(want) && (!found || have.compare(best) < 0) {
			best, found = have, true
		}
	}
	if !found {
		return false
	}
	if sh.free[best]--; sh.free[best] == 0 {
		delete(sh.free, best)
	}
	sh.free[room{best.cpu - want.cpu, best.memory - want.memory}]++
	return true
}

func (a room) compare(b room) int {
	return cmp.Or(cmp.Compare(a.cpu, b.cpu), cmp.Compare(a.memory, b.memory))
}

// capacity is the next report of a cluster.
func (s *site) capacity() *event.ClusterCapacityReported {
	s.report++
	s.since = 0
	d := &event.ClusterCapacityReported{
		Cluster: s.id, Incarnation: s.incarnation, Report: s.report, AppliedThrough: s.applied,
		Orchestrator: "sim", Provider: fmt.Sprintf("p%d", s.number%3), Region: region(s.number), Zone: region(s.number) + "-a",
		Kinds: []event.Kind{event.KindService},
	}
	for _, sh := range s.shapes {
		d.Shapes = append(d.Shapes, sh.reported())
	}
	return d
}

func region(i int) string { return fmt.Sprintf("r%d", i%8) }

func (sh *shape) reported() event.NodeShape {
	out := event.NodeShape{Name: sh.name, Arch: "amd64", Nodes: sh.nodes, CPUMilli: sh.cpu, MemoryBytes: sh.memory}
	for have, n := range sh.free {
		out.Free = append(out.Free, event.FreeNodes{Nodes: n, CPUMilli: have.cpu, MemoryBytes: have.memory})
	}
	slices.SortFunc(out.Free, func(a, b event.FreeNodes) int {
		return cmp.Or(cmp.Compare(b.CPUMilli, a.CPUMilli), cmp.Compare(b.MemoryBytes, a.MemoryBytes))
	})
	return out
}

// wish is a workload of one class: a request, and for some classes a region or a strategy.
func wish(i, classes int) *event.WorkloadSubmitted {
	class := i % classes
	w := &event.WorkloadSubmitted{
		Tenant: "shop", Name: event.WorkloadName(fmt.Sprintf("w%d", i)), Kind: event.KindService, Replicas: 1,
		Template: event.Template{
			Image: "registry.example/shop/web:1.4.2", Architectures: []string{"amd64"},
			Resources: event.Resources{CPUMilli: 100 + 50*int64(class%16), MemoryBytes: 128<<20 + int64(class/16)*(96<<20)},
		},
	}
	if class%8 == 3 {
		w.Policy.Regions = []string{region(class / 8)}
	}
	if class%4 == 1 {
		w.Policy.Strategy = event.StrategyPack
	}
	return w
}
