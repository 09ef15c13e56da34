package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// population is what is held in memory.
type population struct{ clusters, nodes, workloads int }

// full says that it is what the goal speaks of.
func (p population) full() bool {
	return p.clusters >= 10_000 && p.nodes >= 1_000_000 && p.workloads >= 1_000_000
}

// weight is what a population takes.
type weight struct {
	population
	live, inUse uint64 // bytes of the heap after a collection
	taken       uint64 // bytes of the heap taken from the system at most, garbage and all
	took        time.Duration

	snapshot     uint64        // bytes of a snapshot
	snapshotTook time.Duration // and how long the loop stands still for it
	beside       uint64        // bytes allocated for it
}

// freeze measures what writing a snapshot costs.
func (w *weight) freeze(s *scheduler.State) {
	before, began := heap(), time.Now()
	for text := range s.SnapshotRows() {
		w.snapshot += uint64(len(text))
	}
	w.snapshotTook = time.Since(began)
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	w.beside = after.TotalAlloc - before.TotalAlloc
}

// weigh folds a log of that size: every event is encoded and decoded as the service reads
// it, so that it owns its memory. Decisions are made up, each workload on the next
// cluster; then each class is decided once, so that what decisions need is there too.
func weigh(p population, profile string) (weight, error) {
	if profile != "" {
		runtime.MemProfileRate = 4 << 10
	}
	before := heap()
	began := time.Now()
	f := newFleet(p.clusters, p.nodes)
	w := weight{population: p}
	w.nodes = f.nodes()
	for i := range p.workloads {
		if err := f.settle(i, p.clusters); err != nil {
			return w, err
		}
	}
	f.round(&decided{}, p.workloads, min(256, p.workloads), 256)
	w.took = time.Since(began)
	after := heap()
	w.live, w.inUse, w.taken = after.HeapAlloc-before.HeapAlloc, after.HeapInuse-before.HeapInuse, after.HeapSys
	if f.strays > 0 {
		return w, fmt.Errorf("%d replicas found no room", f.strays)
	}
	if err := heapProfiled(profile); err != nil {
		return w, err
	}
	w.freeze(f.state)
	runtime.KeepAlive(f)
	return w, nil
}

// heapProfiled writes down what is held now, and by whom, unless the path is empty.
func heapProfiled(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("heap profile: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := pprof.Lookup("heap").WriteTo(f, 0); err != nil {
		return fmt.Errorf("heap profile: %w", err)
	}
	return nil
}

func heap() (m runtime.MemStats) {
	runtime.GC()
	runtime.GC() // what the first one made free
	runtime.ReadMemStats(&m)
	return m
}

func (f *fleet) nodes() int {
	n := 0
	for _, s := range f.clusters {
		for _, sh := range s.shapes {
			n += sh.nodes
		}
	}
	return n
}

// settle brings one workload from its submission to the report that it is ready.
func (f *fleet) settle(i, clusters int) error {
	submitted := wish(i, 256)
	s := f.clusters[siteName(i%clusters)]
	use := event.ShapeUse{Shape: s.shapes[len(s.shapes)-1].name, Replicas: 1} // the one with the most nodes
	number := s.applied + 1
	if err := f.read(event.Intents, event.SubmitterSource(submitted.Tenant, "speed"), submitted); err != nil {
		return err
	}
	generation := f.at[event.Intents]
	f.record(&event.PlacementDecided{
		Tenant: submitted.Tenant, Workload: submitted.Name, Generation: generation, Verdict: event.VerdictPlaced, Replicas: 1,
		Assignments: []event.Assignment{{
			Cluster: s.id, Replicas: 1, Command: number, Incarnation: s.incarnation, Shapes: []event.ShapeUse{use},
		}},
		Positions: f.state.Positions(),
	})
	command := f.state.Decide()
	if place, ok := command.(*event.CommandPlace); !ok || place.Number != number {
		return fmt.Errorf("after the decision about %s comes a %T", submitted.Name, command)
	}
	f.record(command)
	f.carryOut(command)
	for _, s := range f.due {
		if err := f.read(event.Capacity, event.AgentSource(s.id), s.capacity()); err != nil {
			return err
		}
	}
	f.due = f.due[:0]
	return f.read(event.Status, event.AgentSource(s.id), &event.WorkloadStatusReported{
		Cluster: s.id, Tenant: submitted.Tenant, Workload: submitted.Name, Incarnation: s.incarnation, Report: number,
		Generation: generation, Token: number, Wanted: 1, Ready: 1,
		Last: &event.Settled{Number: number, Outcome: event.OutcomeApplied},
	})
}

// read applies an event as it comes from the log.
func (f *fleet) read(stream event.Stream, source string, p event.Payload) error {
	e := event.New(source, p)
	e.ID = "f"
	msg, err := event.Encode(e)
	if err != nil {
		return err
	}
	f.at[stream]++
	e, err = event.Decode(msg.Subject, msg.Header, msg.Data, event.At{Stream: stream, Sequence: f.at[stream]})
	if err != nil {
		return err
	}
	f.state.Apply(e)
	return nil
}
