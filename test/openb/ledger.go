package main

import (
	"context"
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// ledger is the log, read once from end to end, sorted into what the verdict needs.
type ledger struct {
	requests  map[event.WorkloadID]event.Resources
	submitted map[event.WorkloadID]time.Time // store time of the wish
	commanded map[event.WorkloadID]time.Time // store time of its first command
	last      map[event.WorkloadID]*event.PlacementDecided
	decisions []time.Time
	epochs    int
	clusters  map[event.ClusterID]*account
	faults    []string
}

// account is what the log says of one cluster.
type account struct {
	commands    map[uint64]bool // numbers recorded
	rejected    map[uint64]bool
	incarnation uint64                     // of the newest report
	report      uint64                     // its number
	superseded  uint64                     // numbers below the first of the last synchronisation
	applied     uint64                     // appliedThrough of the last report
	shapes      map[string]event.NodeShape // of the last report
	given       map[event.WorkloadID][]event.ShapeUse
	promised    map[string]event.Resources // by shape: what the standing assignments ask together
}

func newLedger() *ledger {
	return &ledger{
		requests: map[event.WorkloadID]event.Resources{}, submitted: map[event.WorkloadID]time.Time{}, commanded: map[event.WorkloadID]time.Time{},
		last: map[event.WorkloadID]*event.PlacementDecided{}, clusters: map[event.ClusterID]*account{},
	}
}

func (l *ledger) of(c event.ClusterID) *account {
	a := l.clusters[c]
	if a == nil {
		a = &account{commands: map[uint64]bool{}, rejected: map[uint64]bool{}, shapes: map[string]event.NodeShape{}, given: map[event.WorkloadID][]event.ShapeUse{}, promised: map[string]event.Resources{}}
		l.clusters[c] = a
	}
	return a
}

// readLog folds all four streams, capacities first: they say what shapes there are.
func readLog(ctx context.Context, log *stream.Log) (*ledger, error) {
	l := newLedger()
	for _, s := range []event.Stream{event.Capacity, event.Intents, event.Placements, event.Status} {
		if err := l.read(ctx, log, s); err != nil {
			return nil, fmt.Errorf("read %s: %w", s, err)
		}
	}
	return l, nil
}

func (l *ledger) read(ctx context.Context, log *stream.Log, s event.Stream) error {
	state, err := log.State(ctx, s)
	if err != nil || state.Last == 0 {
		return err
	}
	reader, err := log.Read(ctx, s, 1)
	if err != nil {
		return err
	}
	defer reader.Close()
	for at := uint64(0); at < state.Last; {
		batch, err := reader.Next(ctx)
		if err != nil {
			return err
		}
		for _, m := range batch {
			at = m.At.Sequence
			e, err := m.Event()
			if err != nil {
				return fmt.Errorf("sequence %d: %w", at, err)
			}
			l.note(e)
		}
	}
	return nil
}

func (l *ledger) note(e event.Event) {
	switch d := e.Data.(type) {
	case *event.WorkloadSubmitted:
		l.submitted[d.ID()], l.requests[d.ID()] = e.At.Stored, d.Template.Resources
	case *event.ClusterCapacityReported:
		a := l.of(d.Cluster)
		if d.Incarnation < a.incarnation || d.Incarnation == a.incarnation && d.Report < a.report {
			return // told late: the newer report counts, whatever its place in the stream
		}
		a.incarnation, a.report, a.applied = d.Incarnation, d.Report, d.AppliedThrough
		for _, sh := range d.Shapes {
			a.shapes[sh.Name] = sh
		}
	case *event.EpochStarted:
		l.epochs++
	case *event.PlacementDecided:
		l.decisions = append(l.decisions, e.At.Stored)
		l.last[d.ID()] = d
		l.give(d, e.At.Sequence)
	case *event.CommandPlace:
		l.command(d.Cluster, d.Number)
		if _, known := l.commanded[d.ID()]; !known {
			l.commanded[d.ID()] = e.At.Stored
		}
	case *event.CommandWithdraw:
		l.command(d.Cluster, d.Number)
	case *event.CommandSynchronise:
		l.of(d.Cluster).superseded = d.First
	case *event.CommandRejected:
		l.of(d.Cluster).rejected[d.Number] = true
	}
}

func (l *ledger) command(c event.ClusterID, number uint64) {
	a := l.of(c)
	if a.commands[number] {
		l.fault("%s: command %d was recorded twice", c, number)
	}
	a.commands[number] = true
}

// give takes a decision's assignments as what stands, and checks what each shape
// is promised then.
func (l *ledger) give(d *event.PlacementDecided, sequence uint64) {
	request := l.requests[d.ID()]
	for _, a := range l.clusters {
		for _, use := range a.given[d.ID()] {
			a.promised[use.Shape] = plus(a.promised[use.Shape], request, -use.Replicas)
		}
		delete(a.given, d.ID())
	}
	for _, as := range d.Assignments {
		a := l.of(as.Cluster)
		a.given[d.ID()] = as.Shapes
		for _, use := range as.Shapes {
			sum := plus(a.promised[use.Shape], request, use.Replicas)
			a.promised[use.Shape] = sum
			if what := exceeds(sum, a.shapes[use.Shape]); what != "" {
				l.fault("decision %d promises more %s of shape %s on %s than there is", sequence, what, use.Shape, as.Cluster)
			}
		}
	}
}

func plus(sum, request event.Resources, replicas int) event.Resources {
	n := int64(replicas)
	sum.CPUMilli += n * request.CPUMilli
	sum.MemoryBytes += n * request.MemoryBytes
	sum.GPUMilli += n * request.GPUMilli
	return sum
}

// exceeds names the resource of which all nodes of the shape together have less.
func exceeds(sum event.Resources, s event.NodeShape) string {
	n := int64(s.Nodes)
	switch {
	case sum.CPUMilli > n*s.CPUMilli:
		return "cpu"
	case sum.MemoryBytes > n*s.MemoryBytes:
		return "memory"
	case sum.GPUMilli > n*int64(s.GPUs)*1000:
		return "gpu"
	}
	return ""
}

func (l *ledger) fault(format string, args ...any) {
	if len(l.faults) < 50 {
		l.faults = append(l.faults, fmt.Sprintf(format, args...))
	}
}
