package scheduler

import "fairlead.dev/pkg/event"

// ClusterView is what people see of a cluster. Amounts are sums over nodes for
// display; decisions never use sums.
type ClusterView struct {
	Cluster        event.ClusterID   `json:"cluster"`
	Orchestrator   string            `json:"orchestrator"`
	Version        string            `json:"version,omitempty"`
	Provider       string            `json:"provider,omitempty"`
	Region         string            `json:"region,omitempty"`
	Zone           string            `json:"zone,omitempty"`
	Kinds          []event.Kind      `json:"kinds"`
	Labels         map[string]string `json:"labels,omitempty"`
	Taints         []event.Taint     `json:"taints,omitempty"`
	State          ClusterState      `json:"state"`
	Incarnation    uint64            `json:"incarnation"`
	Report         uint64            `json:"report"`
	AppliedThrough uint64            `json:"appliedThrough"`
	LastCommand    uint64            `json:"lastCommand"`
	SilentMillis   int64             `json:"silentMillis"` // observed time since the last report was covered by a tick
	Nodes          int               `json:"nodes"`
	Allocatable    event.Resources   `json:"allocatable"`
	Free           event.Resources   `json:"free"` // the last report less what later commands ask
	Workloads      int               `json:"workloads"`
	Replicas       int               `json:"replicas"`
	Price          *PriceView        `json:"price,omitempty"` // nil where none is known
	Shapes         []ShapeView       `json:"shapes,omitempty"`
}

// ClusterState says whether a cluster takes new work.
type ClusterState string

// The states of a cluster, strongest first.
const (
	ClusterLeftFleet ClusterState = "left"
	ClusterUnknown   ClusterState = "unknown" // it said hello but has not reported yet
	ClusterGivenUp   ClusterState = "lost"    // silent for so long that its workloads are placed elsewhere
	ClusterSuspect   ClusterState = "suspected"
	ClusterDraining  ClusterState = "draining"
	ClusterCordon    ClusterState = "cordoned"
	ClusterReady     ClusterState = "ready"
)

// ShapeView is one node shape of a cluster with the debits taken off.
type ShapeView struct {
	Name        string            `json:"name"`
	Arch        string            `json:"arch,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Nodes       int               `json:"nodes"`
	Allocatable event.Resources   `json:"allocatable"` // of one node
	Free        event.Resources   `json:"free"`        // sum over the nodes
	Overdrawn   bool              `json:"overdrawn,omitempty"`
}

// WorkloadView is what people see of a workload: what is wanted, what was decided
// last, and what the clusters say of it.
type WorkloadView struct {
	Spec        event.WorkloadSubmitted `json:"spec"`
	Generation  uint64                  `json:"generation"`
	Withdrawn   bool                    `json:"withdrawn,omitempty"`
	RolledBack  uint64                  `json:"rolledBack,omitempty"` // newer generation that did not become ready and gave way to this one
	Phase       Phase                   `json:"phase"`
	Decision    uint64                  `json:"decision"` // PLACEMENTS sequence of the last decision, 0 if none
	Verdict     event.Verdict           `json:"verdict,omitempty"`
	Assignments []AssignmentView        `json:"assignments,omitempty"`
	Reason      string                  `json:"reason,omitempty"`
	Price       int64                   `json:"price,omitempty"`    // micro-units of currency per hour, 0 where none is known
	Unfilled    int                     `json:"unfilled,omitempty"` // replicas that have no place yet, of a partial placement
	Refusals    []event.Refusal         `json:"refusals,omitempty"`
	Attempt     int                     `json:"attempt,omitempty"`
	NotBefore   int64                   `json:"notBefore,omitempty"` // observed ms
	// RefusedPlan is the last submission that was refused because its plan was stale.
	RefusedPlan *RefusedPlan `json:"refusedPlan,omitempty"`
}

// Phase sums up a workload for people.
type Phase string

// The phases of a workload.
const (
	PhasePending     Phase = "pending"     // not decided yet
	PhaseHeld        Phase = "held"        // decided: fewer replicas than wanted have a place
	PhaseRefused     Phase = "refused"     // can never be placed as it is written
	PhaseProgressing Phase = "progressing" // placed, not all replicas ready
	PhaseReady       Phase = "ready"       // every wanted replica ready where it was decided
	PhaseCompleted   Phase = "completed"   // a job whose replicas all succeeded
	PhaseWithdrawing Phase = "withdrawing" // on its way out
)

// AssignmentView joins the decided assignment with the cluster's own word.
type AssignmentView struct {
	event.Assignment
	Confirmed bool           `json:"confirmed"`      // the command is applied, as far as is known
	Cost      int64          `json:"cost,omitempty"` // at the prices of now, in micro-units of currency per hour
	Ready     int            `json:"ready"`
	Succeeded int            `json:"succeeded,omitempty"`
	Failed    int            `json:"failed,omitempty"`
	Reasons   []event.Reason `json:"reasons,omitempty"`
	Stale     bool           `json:"stale,omitempty"` // the cluster is silent: this is what it said last
}

// Explanation is every cluster and every check for one workload at one state.
type Explanation struct {
	Tenant      event.Tenant       `json:"tenant"`
	Workload    event.WorkloadName `json:"workload"`
	Generation  uint64             `json:"generation,omitempty"`
	State       uint64             `json:"state"` // PLACEMENTS sequence of the state explained
	Positions   event.Positions    `json:"positions"`
	Observed    int64              `json:"observed"`
	Decision    uint64             `json:"decision,omitempty"` // last recorded decision
	Verdict     event.Verdict      `json:"verdict"`            // what would be decided now; the recorded verdict if nothing would change
	Changed     bool               `json:"changed"`            // whether deciding now would change anything
	Replicas    int                `json:"replicas"`
	Assignments []event.Assignment `json:"assignments,omitempty"`
	Refusals    []event.Refusal    `json:"refusals,omitempty"`
	Reason      string             `json:"reason,omitempty"`
	Price       int64              `json:"price,omitempty"`    // of the assignments, micro-units of currency per hour, 0 where none is known
	Currency    string             `json:"currency,omitempty"` // of prices, for people; empty where it is not the same everywhere
	Fleet       []Check            `json:"fleet,omitempty"`    // checks that are about no cluster, as quotas
	Steps       []Check            `json:"steps,omitempty"`    // how clusters were chosen and replicas divided
	Clusters    []ClusterChecks    `json:"clusters"`           // every cluster, by name
}

// ClusterChecks is one cluster's row of an explanation.
type ClusterChecks struct {
	Cluster      event.ClusterID `json:"cluster"`
	Orchestrator string          `json:"orchestrator"`
	Free         event.Resources `json:"free"`
	Fits         int             `json:"fits"`     // replicas that would fit now, counting those it holds
	Held         int             `json:"held"`     // replicas assigned there now
	Replicas     int             `json:"replicas"` // replicas decided for it
	Score        int64           `json:"score"`    // millionths; higher is better
	// Parts make up the score, where it has several.
	Parts []event.ScorePart `json:"parts,omitempty"`
	// Price of one replica in micro-units of currency per hour; 0 where none is known.
	Price int64 `json:"price,omitempty"`
	// Cost is the price of the replicas decided for it, in the same unit.
	Cost   int64   `json:"cost,omitempty"`
	Checks []Check `json:"checks"`
}

// WhyNot is what would have to change for a workload to be on a cluster.
type WhyNot struct {
	Explanation               // of the workload as it is, without the table
	Cluster     ClusterChecks `json:"cluster"`
	Rank        int           `json:"rank,omitempty"`     // place by score, where every check passes
	Alone       []Mend        `json:"alone,omitempty"`    // each failed check mended by itself, where there are several
	Together    *Mend         `json:"together,omitempty"` // all of them mended; absent where nothing failed
}

// Mend is the outcome of failed checks of one cluster passing, decided as if nothing
// stood yet.
type Mend struct {
	Checks   []string          `json:"checks"`          // those that pass now
	Still    []string          `json:"still,omitempty"` // those that fail all the same; the rest is empty then
	Score    int64             `json:"score"`           // millionths
	Parts    []event.ScorePart `json:"parts,omitempty"`
	Rank     int               `json:"rank,omitempty"` // place among the clusters that pass, from 1
	Verdict  event.Verdict     `json:"verdict,omitempty"`
	Replicas int               `json:"replicas"`        // it would get
	From     []Taken           `json:"from,omitempty"`  // clusters that would get fewer
	Price    int64             `json:"price,omitempty"` // difference of the whole workload, micro-units of currency per hour
}

// Taken are replicas that a cluster would not get.
type Taken struct {
	Cluster  event.ClusterID `json:"cluster"`
	Replicas int             `json:"replicas"`
}

// Check is one condition with its numbers.
type Check struct {
	Name    string `json:"name"`
	OK      bool   `json:"ok"`
	Need    int64  `json:"need,omitempty"`
	Have    int64  `json:"have,omitempty"`
	Message string `json:"message"`
}
