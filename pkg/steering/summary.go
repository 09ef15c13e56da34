package steering

import "fairlead.dev/pkg/event"

// MaxGroups and MaxClasses bound a summary, so that its plan is solved within a second.
const (
	MaxGroups  = 64
	MaxClasses = 256
)

// Barred is the price of a class in a group that may not take it.
const Barred = -1

// Summary is the fleet as a plan sees it: classes of requests and groups of clusters.
type Summary struct {
	By        event.SteeringPlannedBy // what tells groups apart
	Groups    []Group                 // by name, at most MaxGroups
	Classes   []Class                 // by key, at most MaxClasses
	Observed  int64                   // ms of observed time
	Positions event.Positions
}

// Group is clusters that are alike to the plan.
type Group struct {
	Name string
	Free event.Resources // what is free on them together, after debits
}

// Class is requests to which every cluster means the same.
type Class struct {
	Key      string          // hash of what they ask, as in event.SteeringQuota
	Request  event.Resources // of one replica
	Waiting  int64           // replicas that are wanted and stand nowhere
	Standing []int64         // per group: replicas that were placed there
	Fits     []int64         // per group: replicas that fit there now, node by node
	Price    []int64         // per group: micro-units per hour of a replica, or Barred
	Dearest  int64           // what a replica would cost at the dearest prices of the fleet
}
