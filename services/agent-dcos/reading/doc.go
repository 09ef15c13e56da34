// Package reading reads Mesos' agents and tasks into the small structs of
// fairlead.dev/pkg/agent/inventory, which keeps the sums and makes the shapes of a capacity report.
//
// A node's room is what Mesos may offer to Marathon: resources that nobody reserved, or that are
// reserved for Marathon's role, without revocable ones. What is allocated there is taken off, whoever
// has it: tasks of ours one by one, all the rest as one claim, by Mesos' own sum, which has executors
// in it. What is only offered counts as free. A node that is not active, or drained, is closed.
//
// Attributes that are text are labels. Numbers, ranges and sets are not: Marathon compares them as
// formatted text, so no condition on them would mean what it says.
//
// The package is pure. It must never talk to a cluster. Begin reading with Node, then Claims.
package reading
