package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"fairlead.dev/pkg/event"
)

// Orchestrator is one cluster as an agent drives it. The methods may be called at the
// same time from several goroutines, but Apply and Withdraw of one workload never
// overlap. All honour the context and return soon after it ends.
type Orchestrator interface {
	// Observe gives one view of the cluster: free room and objects must belong
	// together, so that every replica counted in Object.Bound is off the free figures
	// and no other owned replica that is bound is missing from them. Where the
	// cluster cannot be seen in full (a cache not filled, a list denied) the view says
	// Complete: false rather than err on the side of emptiness.
	Observe(ctx context.Context) (View, error)

	// Apply makes the object of the workload as Desired says, or changes it, and
	// returns once that is stored durably in the cluster; it does not wait until
	// replicas run. The same Desired again changes nothing. Errors:
	//   - ErrStale: the object, or the tombstone of a withdrawn one, carries a token
	//     that forbids this one. Nothing was changed.
	//   - *Rejection: it can never be carried out as it is. Nothing was changed.
	//   - any other error is retried, with back-off, until the command's deadline.
	// An object of the same name that Fairlead does not own is never touched: that is
	// a *Rejection with reason conflict.
	Apply(ctx context.Context, d Desired) error

	// Withdraw removes the workload's object unless its token is higher than
	// w.Token (then ErrStale), and leaves a tombstone: from then on an Apply with a
	// token of w.Token or lower is ErrStale. Nothing to remove is success, and so is
	// a foreign object of the same name, which stays.
	Withdraw(ctx context.Context, w Withdrawal) error

	// Watch calls changed whenever an Observe might give something new, until the
	// context ends. Calls are hints: they may be too many, merged or lost, since the
	// runtime observes at intervals as well. It returns the context's error, or why it
	// cannot watch any longer; the runtime then watches again after a pause.
	Watch(ctx context.Context, changed func()) error
}

// ErrStale is returned for a token that an object or tombstone has outgrown: another
// agent or a later command was here.
var ErrStale = errors.New("the object carries a newer fencing token")

// Rejection says that a command can never be carried out as it is.
type Rejection struct {
	Reason  event.RejectReason
	Message string // the orchestrator's own words, at most 1024 bytes are reported
}

// Error gives reason and message.
func (r *Rejection) Error() string { return fmt.Sprintf("rejected (%s): %s", r.Reason, r.Message) }

// Desired is the wanted state of one workload on this cluster.
type Desired struct {
	Workload    event.WorkloadID
	Token       uint64 // command number; kept on the object
	Generation  uint64 // kept on the object
	Hash        string // of the specification, see Hash; kept on the object
	Kind        event.Kind
	Replicas    int
	Shapes      []event.ShapeUse // node shapes debited: where the room was found; a hint unless replicas can be pinned
	Template    event.Template
	Native      map[string]json.RawMessage // native parts by orchestrator, JSON objects
	Nodes       []event.Requirement
	Tolerations []event.Toleration
	Labels      map[string]string
}

// Withdrawal is the wanted absence of one workload on this cluster.
type Withdrawal struct {
	Workload event.WorkloadID
	Token    uint64
}

// View is one consistent look at a cluster.
type View struct {
	Facts   Facts
	Shapes  []event.NodeShape // free room with everything bound taken off, ours and foreign; ordered by name
	Objects []Object          // every owned object, also one that is being removed; ordered by workload
	// Complete is true when nothing is missing from Shapes and Objects. Only then
	// does the runtime report capacity, repair and delete.
	Complete bool
}

// Facts are what placement may ask of the cluster as a whole.
type Facts struct {
	Orchestrator string // kubernetes, swarm, …
	Version      string
	Provider     string
	Region       string
	Zone         string
	Kinds        []event.Kind    // kinds it runs from the portable template
	Native       []string        // native parts it accepts
	Lacks        []event.Feature // what a portable template may ask for and it cannot do
	Labels       map[string]string
	Taints       []event.Taint
}

// Object is what the cluster keeps for one owned workload.
type Object struct {
	Workload   event.WorkloadID
	Token      uint64 // as stored on the object
	Generation uint64
	Hash       string // as it should be for what the object says now; anything else ("" will do) if it was changed by hand
	Wanted     int    // replicas the object asks for now; 0 while it is being removed
	Ready      int
	Pending    int // wanted replicas that are neither ready nor finished
	// Unschedulable are those of Pending that the cluster tried to give a node and could not.
	Unschedulable int
	Succeeded     int
	Failed        int // replicas that failed for good: they are not tried again and hold no room
	// Bound are the replicas whose room is already off the free figures, by node
	// shape. Only replicas that ask for what the object's present specification asks
	// for count; when in doubt leave one out, and its room is taken off once more.
	Bound   []event.ShapeUse
	Reasons []event.Reason // why replicas are not ready, at most 16, in a stable order
	Removed bool           // it is on its way out: deletion is accepted, replicas still end
}
