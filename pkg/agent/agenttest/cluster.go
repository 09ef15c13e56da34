package agenttest

import (
	"testing"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// Suite is an adapter under test.
type Suite struct {
	// New makes an empty cluster with room for at least 20 replicas of Sample, and
	// ends it with the test.
	New func(t *testing.T) Cluster

	// Sample gives a workload the cluster can run: one replica of it. The suite sets
	// token, generation, replicas and hash. It must differ by what sample says: 0 and
	// 1 are two specifications of which both are valid for one workload.
	Sample func(w event.WorkloadID, sample int) agent.Desired

	// Runs is true where the cluster really starts replicas (a scheduler and
	// something that plays nodes): then they must become ready and be bound.
	Runs bool
}

// Cluster is the cluster behind an adapter, reached past the adapter.
type Cluster interface {
	// Orchestrator gives a fresh adapter on the same cluster, as after a restart of
	// the agent: what an earlier one held in memory is gone. Earlier ones go on
	// working, as two agents of one cluster would.
	Orchestrator(t testing.TB) agent.Orchestrator

	// Stored lists the owned objects as the cluster has them, by workload; those
	// already being removed are left out.
	Stored(t testing.TB) []Stored

	// Scale changes the replicas of an owned object by hand.
	Scale(t testing.TB, w event.WorkloadID, replicas int)

	// Delete removes an owned object by hand.
	Delete(t testing.TB, w event.WorkloadID)

	// MakeForeign makes an object under the very name the adapter would use for the
	// workload, without any mark of Fairlead.
	MakeForeign(t testing.TB, w event.WorkloadID)

	// Foreign says whether that object is still there exactly as it was made.
	Foreign(t testing.TB, w event.WorkloadID) bool

	// Sever breaks the watches of the adapters made so far, as a network would, and
	// loses what they would have told meanwhile.
	Sever(t testing.TB)

	// Exhaust makes the cluster's quota refuse every further object.
	Exhaust(t testing.TB)
}

// Stored is an owned object as the cluster itself shows it.
type Stored struct {
	Workload event.WorkloadID
	Token    uint64
	Replicas int
	Revision string // changes with every write to the object
}
