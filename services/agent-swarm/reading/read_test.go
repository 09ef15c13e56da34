package reading_test

import (
	"reflect"
	"testing"

	"github.com/moby/moby/api/types/swarm"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/services/agent-swarm/manifest"
	"fairlead.dev/services/agent-swarm/reading"
)

var reader = reading.Reader{Keys: manifest.Keys{}.WithDefaults(), ReservedCPUMilli: 250, ReservedMemoryBytes: 1 << 20}

func node(change func(*swarm.Node)) swarm.Node {
	n := swarm.Node{
		ID:   "n1",
		Spec: swarm.NodeSpec{Availability: swarm.NodeAvailabilityActive, Annotations: swarm.Annotations{Labels: map[string]string{"region": "eu", "zone": "eu-a", "instance-type": "m5", "provider": "aws", "disk": "ssd"}}},
		Description: swarm.NodeDescription{
			Platform: swarm.Platform{Architecture: "x86_64", OS: "linux"},
			Resources: swarm.Resources{NanoCPUs: 2_000_999_999, MemoryBytes: 1 << 30, GenericResources: []swarm.GenericResource{
				{NamedResourceSpec: &swarm.NamedGenericResource{Kind: "NVIDIA-GPU", Value: "GPU-1"}},
				{NamedResourceSpec: &swarm.NamedGenericResource{Kind: "NVIDIA-GPU", Value: "GPU-2"}},
				{DiscreteResourceSpec: &swarm.DiscreteGenericResource{Kind: "fpga", Value: 3}},
			}},
		},
		Status: swarm.NodeStatus{State: swarm.NodeStateReady},
	}
	if change != nil {
		change(&n)
	}
	return n
}

// TestNode reads what a node offers, rounded down and less what is reserved, under the federation's labels.
func TestNode(t *testing.T) {
	got, ok := reader.Node(node(nil))
	want := &inventory.Node{
		Name: "n1", Arch: "amd64", Open: true, Provider: "aws",
		Room:   inventory.Room{CPUMilli: 1750, MemoryBytes: 1<<30 - 1<<20, GPUs: 2, Instances: inventory.Unlimited, Extended: map[string]int64{"fpga": 3}},
		Labels: map[string]string{inventory.LabelRegion: "eu", inventory.LabelZone: "eu-a", inventory.LabelInstanceType: "m5", "provider": "aws", "disk": "ssd"},
	}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, want %+v", got, want)
	}
}

// TestOpen is which nodes take new replicas, and which are none of ours to count.
func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*swarm.Node)
		open, ok bool
	}{
		"as it is":      {nil, true, true},
		"down":          {func(n *swarm.Node) { n.Status.State = swarm.NodeStateDown }, false, true},
		"not heard of":  {func(n *swarm.Node) { n.Status.State = swarm.NodeStateUnknown }, false, true},
		"disconnected":  {func(n *swarm.Node) { n.Status.State = swarm.NodeStateDisconnected }, false, true},
		"drained":       {func(n *swarm.Node) { n.Spec.Availability = swarm.NodeAvailabilityDrain }, false, true},
		"paused":        {func(n *swarm.Node) { n.Spec.Availability = swarm.NodeAvailabilityPause }, false, true},
		"of Windows":    {func(n *swarm.Node) { n.Description.Platform.OS = "windows" }, true, false},
		"not described": {func(n *swarm.Node) { n.Description = swarm.NodeDescription{} }, true, true},
	} {
		if got, ok := reader.Node(node(c.change)); ok != c.ok || got.Open != c.open {
			t.Errorf("%s: open %t, ours %t", name, got.Open, ok)
		}
	}
}

// TestTask is what holds room, and what counts as running, in every state that Swarm knows.
func TestTask(t *testing.T) {
	needs := &swarm.ResourceRequirements{Reservations: &swarm.Resources{NanoCPUs: 100_000_001, MemoryBytes: 5, GenericResources: []swarm.GenericResource{
		{DiscreteResourceSpec: &swarm.DiscreteGenericResource{Kind: "NVIDIA-GPU", Value: 1}},
	}}}
	for _, c := range []struct {
		state, desired        swarm.TaskState
		ended, leaving, ready bool
	}{
		{swarm.TaskStateNew, swarm.TaskStateRunning, false, false, false},
		{swarm.TaskStatePending, swarm.TaskStateRunning, false, false, false},
		{swarm.TaskStateStarting, swarm.TaskStateRunning, false, false, false},
		{swarm.TaskStateRunning, swarm.TaskStateRunning, false, false, true},
		{swarm.TaskStateRunning, swarm.TaskStateComplete, false, false, true}, // a job's
		{swarm.TaskStateRunning, swarm.TaskStateShutdown, false, true, false},
		{swarm.TaskStateRunning, swarm.TaskStateRemove, false, true, false},
		{swarm.TaskStateComplete, swarm.TaskStateComplete, true, false, false},
		{swarm.TaskStateShutdown, swarm.TaskStateShutdown, true, true, false},
		{swarm.TaskStateFailed, swarm.TaskStateShutdown, true, true, false},
		{swarm.TaskStateRejected, swarm.TaskStateShutdown, true, true, false},
		{swarm.TaskStateOrphaned, swarm.TaskStateShutdown, true, true, false},
	} {
		got := reader.Task(swarm.Task{ID: "t", NodeID: "n1", Spec: swarm.TaskSpec{Resources: needs}, DesiredState: c.desired, Status: swarm.TaskStatus{State: c.state, Err: "because"}})
		if got.Ended != c.ended || got.Leaving != c.leaving || got.Ready != c.ready {
			t.Errorf("%s, wanted %s: ended %t leaving %t ready %t", c.state, c.desired, got.Ended, got.Leaving, got.Ready)
		}
		if want := (inventory.Room{CPUMilli: 101, MemoryBytes: 5, GPUs: 1, Instances: 1}); !reflect.DeepEqual(got.Asked, want) {
			t.Errorf("asks for %+v, want %+v", got.Asked, want)
		}
		if waiting := !c.ended && !c.ready; waiting != (got.Reason.Message == "because") {
			t.Errorf("%s, wanted %s: reason %+v", c.state, c.desired, got.Reason)
		}
	}
}
