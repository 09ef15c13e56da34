package scheduler

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// TestEpochRewindsPositions: a stream that rolled back counts from the position that
// the record of the new epoch says, and decisions name it.
func TestEpochRewindsPositions(t *testing.T) {
	f := newFleet(t)
	f.addCluster("a", nil, "small nodes=2 cpu=4 mem=8\n")
	for range 4 {
		f.report("a")
	}
	was := f.s.Positions()
	rewound := was
	rewound.Capacity = 2
	f.append(&event.EpochStarted{Epoch: 2, Leader: "test", Engine: Engine, Streams: map[string]string{"INTENTS": "a", "CAPACITY": "b"}, Positions: rewound})
	f.heads[event.Capacity] = 2
	if got := f.s.Positions(); got != rewound || got == was {
		t.Fatalf("positions are %+v, the epoch says %+v, before it %+v", got, rewound, was)
	}
	f.report("a")
	f.fact(event.Intents, spec(t, "t/web", map[string]string{"cpu": "1", "mem": "1"}))
	rewound.Capacity, rewound.Intents = 3, rewound.Intents+1
	d := decisionOn(f.decide(), event.WorkloadID{Tenant: "t", Name: "web"}, rewound.Intents)
	if d == nil || d.Positions != rewound || d.Epoch != 2 {
		t.Fatalf("decided %+v, want it at %+v in epoch 2", d, rewound)
	}
}
