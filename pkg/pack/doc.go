// Package pack rates nodes for packing: what a fleet loses when a replica takes room
// on a node of a certain shape and free room. The best node is the one that loses
// least.
//
// A [Mix] is what has been asked of the fleet so far and what the fleet still has
// room for, by class of request. A [View] is a mix as one node shape sees it: some
// classes may not run there. [View.Worth] values the free room of one node; the
// score of a placement is the worth after it less the worth before it. Worth has
// three parts, all in billionths of a GPU:
//
//   - scarcity: for each class the replicas that fit on the node, as a part of all
//     that still fit in the fleet, weighted with the root of the class's share of
//     the demand. So the last empty node of eight devices is dear, the first is not,
//     and GPUs whose CPU is gone are worth nothing.
//   - devices: what a device with so much free can still be filled with, by the dual
//     prices of the linear programme that cuts devices into the shares asked for
//     (duals.go).
//   - fragmentation: free GPU that a random request could not use, as in FGD (Weng
//     et al., "Beware of Fragmentation", ATC'23).
//
// The package is pure and in integers: equal classes in equal order give an equal
// mix. It must never look at names or positions of nodes. A mix is learnt rarely (at
// thresholds of demand and of free room) and a worth may be cached for as long as
// the mix stands.
//
// Begin with [Learn], then worth.go.
package pack
