package scheduler

import "fairlead.dev/pkg/event"

// snapshotFormat changes when a snapshot means something else, or when Apply makes
// another state of the same events.
const snapshotFormat = 2

// A snapshot is the state as bytes: everything that decisions can depend on, in a fixed
// order, and nothing that can be derived. It is JSON in rows, one on a line, so that it is
// written and read without a second state in memory: the head, every workload, every
// cluster. A wish, or a class of commands, comes on a row of its own before the first that
// names it by its number, counted from 1.
type row struct {
	Head     *headSnapshot            `json:"head,omitempty"`
	Wish     *event.WorkloadSubmitted `json:"wish,omitempty"`
	Class    *classSnapshot           `json:"class,omitempty"`
	Workload *workloadSnapshot        `json:"workload,omitempty"`
	Cluster  *clusterSnapshot         `json:"cluster,omitempty"`
}

type headSnapshot struct {
	Format    int                    `json:"format"`
	Position  uint64                 `json:"position"`
	Positions event.Positions        `json:"positions"`
	Observed  int64                  `json:"observed"`
	Stored    int64                  `json:"stored"`
	Epoch     uint64                 `json:"epoch"`
	Rules     *event.Rules           `json:"rules,omitempty"`
	Streams   map[string]string      `json:"streams,omitempty"`
	Owed      []owedCommand          `json:"owed,omitempty"`
	Paused    bool                   `json:"paused,omitempty"`
	Calm      int64                  `json:"calm,omitempty"`
	Evicted   budget                 `json:"evicted,omitzero"`
	Moved     budget                 `json:"moved,omitzero"`
	Look      look                   `json:"look,omitzero"`
	Lull      int64                  `json:"lull,omitempty"`
	Settings  settingsSnapshot       `json:"settings"`
	Demand    demand                 `json:"demand,omitzero"`
	Steering  *event.SteeringPlanned `json:"steering,omitempty"`
	Capacity  event.Resources        `json:"capacity,omitzero"`
	Chosen    event.WorkloadID       `json:"chosen,omitzero"`
	Clusters  []event.ClusterID      `json:"clusters,omitempty"` // rows that follow, by name
	Workloads int                    `json:"workloads"`          // rows that follow
}

type clusterSnapshot struct {
	ID        event.ClusterID                `json:"id"`
	Hello     uint64                         `json:"hello,omitempty"`
	Cordoned  bool                           `json:"cordoned,omitempty"`
	Draining  bool                           `json:"draining,omitempty"`
	Left      bool                           `json:"left,omitempty"`
	Synced    uint64                         `json:"synced,omitempty"`
	First     uint64                         `json:"first,omitempty"`
	Next      uint64                         `json:"next"`
	Suspected bool                           `json:"suspected,omitempty"`
	Lost      bool                           `json:"lost,omitempty"`
	Back      int64                          `json:"back,omitempty"`
	Tainted   []tainted                      `json:"tainted,omitempty"`
	Heard     bool                           `json:"heard,omitempty"`
	Seen      int64                          `json:"seen,omitempty"`
	Surprises surprises                      `json:"surprises,omitzero"`
	Report    *event.ClusterCapacityReported `json:"report,omitempty"`
	Pending   []toldSnapshot                 `json:"pending,omitempty"`
	Marks     map[string]mark                `json:"marks,omitempty"`
	Seats     []seatSnapshot                 `json:"seats,omitempty"`
}

type seatSnapshot struct {
	Tenant    event.Tenant       `json:"tenant"`
	Workload  event.WorkloadName `json:"workload"`
	Settled   []toldSnapshot     `json:"settled,omitempty"`
	Confirmed uint64             `json:"confirmed,omitempty"`
	Status    *statusSnapshot    `json:"status,omitempty"`
	Awaits    uint64             `json:"awaits,omitempty"`
	Released  bool               `json:"released,omitempty"`
	Stuck     int64              `json:"stuck,omitempty"`
	Resync    *resyncSnapshot    `json:"resync,omitempty"`
}

// statusSnapshot is a report of a workload without the names of its seat.
type statusSnapshot struct {
	Incarnation   uint64         `json:"incarnation"`
	Report        uint64         `json:"report"`
	Generation    uint64         `json:"generation,omitempty"`
	Token         uint64         `json:"token,omitempty"`
	Wanted        int32          `json:"wanted,omitempty"`
	Ready         int32          `json:"ready,omitempty"`
	Pending       int32          `json:"pending,omitempty"`
	Succeeded     int32          `json:"succeeded,omitempty"`
	Failed        int32          `json:"failed,omitempty"`
	Unschedulable int32          `json:"unschedulable,omitempty"`
	Settled       uint64         `json:"settled,omitempty"`
	Outcome       event.Outcome  `json:"outcome,omitempty"`
	Why           string         `json:"why,omitempty"`
	Reasons       []event.Reason `json:"reasons,omitempty"`
}

// classSnapshot is a class by which commands were given.
type classSnapshot struct {
	Key     string          `json:"key"`
	Request event.Resources `json:"request"`
}

type toldSnapshot struct {
	Number     uint64             `json:"number"`
	Workload   event.WorkloadName `json:"workload,omitempty"` // of those that are pending
	Tenant     event.Tenant       `json:"tenant,omitempty"`
	Generation uint64             `json:"generation"`
	Replicas   int                `json:"replicas"`
	Shapes     []event.ShapeUse   `json:"shapes,omitempty"`
	Class      int                `json:"class,omitempty"`
	Rejected   bool               `json:"rejected,omitempty"`
	Superseded bool               `json:"superseded,omitempty"`
	At         int64              `json:"at,omitempty"`
	Ready      bool               `json:"ready,omitempty"`
	Noted      bool               `json:"noted,omitempty"`
	Doubtful   bool               `json:"doubtful,omitempty"`
	Implied    bool               `json:"implied,omitempty"`
}

type workloadSnapshot struct {
	Name        event.WorkloadName `json:"name"`
	Wish        int                `json:"wish"`
	Generation  uint64             `json:"generation"`
	Withdrawn   bool               `json:"withdrawn,omitempty"`
	Older       []olderWish        `json:"older,omitempty"`
	Decision    uint64             `json:"decision,omitempty"`
	DecidedGen  uint64             `json:"decidedGeneration,omitempty"`
	Verdict     event.Verdict      `json:"verdict,omitempty"`
	Replicas    int                `json:"replicas,omitempty"`
	Assignments []event.Assignment `json:"assignments,omitempty"`
	Refusals    []event.Refusal    `json:"refusals,omitempty"`
	Reason      string             `json:"reason,omitempty"`
	Attempt     int                `json:"attempt,omitempty"`
	NotBefore   int64              `json:"notBefore,omitempty"`
	Cause       event.Cause        `json:"cause,omitempty"`
	Home        []homeSeat         `json:"home,omitempty"`
	Age         uint64             `json:"age,omitempty"` // where it is not the generation
	Good        uint64             `json:"good,omitempty"`
	RolledBack  uint64             `json:"rolledBack,omitempty"`
	Strikes     int                `json:"strikes,omitempty"`
	Unfilled    int                `json:"unfilled,omitempty"`
	Rolling     bool               `json:"rolling,omitempty"`
	Since       int64              `json:"since,omitempty"`
	Charge      *charge            `json:"charge,omitempty"`
	Former      *formerWish        `json:"former,omitempty"`
	RefusedPlan *RefusedPlan       `json:"refusedPlan,omitempty"`
	TryAt       int64              `json:"tryAt,omitempty"`
	Tries       int                `json:"tries,omitempty"`
	Claim       *claim             `json:"claim,omitempty"`
	Claims      int                `json:"claims,omitempty"`
	Completed   bool               `json:"completed,omitempty"`
}
