package main

import (
	"fmt"
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-sim"
)

// verdict holds the log against the clusters: every line must be empty.
func verdict(l *ledger, clusters []*agentsim.Cluster) []string {
	wrong := slices.Clone(l.faults)
	for _, c := range clusters {
		wrong = append(wrong, c.Audit()...)
		wrong = append(wrong, l.settled(c.Spec().Name)...)
	}
	for id := range l.submitted {
		if l.last[id] == nil {
			wrong = append(wrong, fmt.Sprintf("%s was submitted and never decided", id))
		}
	}
	return append(wrong, l.running(clusters)...)
}

// settled checks that the command numbers of a cluster have no hole and that each
// one ended: inside the last report, rejected, or superseded by a synchronisation.
func (l *ledger) settled(c event.ClusterID) []string {
	var wrong []string
	a := l.of(c)
	for n := uint64(1); n <= uint64(len(a.commands)); n++ {
		switch {
		case !a.commands[n]:
			wrong = append(wrong, fmt.Sprintf("%s: command %d is missing", c, n))
		case n > a.applied && !a.rejected[n] && n >= a.superseded:
			wrong = append(wrong, fmt.Sprintf("%s: command %d was neither applied (through %d) nor rejected nor superseded", c, n, a.applied))
		}
	}
	return wrong
}

// running compares the replicas on the clusters with the last decisions.
func (l *ledger) running(clusters []*agentsim.Cluster) []string {
	var wrong []string
	for _, c := range clusters {
		name := c.Spec().Name
		want := map[event.WorkloadID]int{}
		for id, d := range l.last {
			for _, a := range d.Assignments {
				if a.Cluster == name && a.Replicas > 0 {
					want[id] = a.Replicas
				}
			}
		}
		if have := c.Running(); !maps.Equal(have, want) {
			wrong = append(wrong, fmt.Sprintf("%s runs %d workloads, %d were decided, or not the same", name, len(have), len(want)))
		}
	}
	return wrong
}
