// Package cost measures what placement costs: virtual machines of a real trace arrive,
// stay and leave on 32 clusters of several prices; every policy gets the same input.
//
// The trace is Azure's (CC-BY 4.0, see "Protean", OSDI'20): 14 days, about 52,000
// machines. 50 of its units are a core, its memory is in GiB. Those that run when it
// begins arrive together at 0, in the order of the file.
//
// The fleet ([newScenario]): 3 regions by 4 providers, whose prices of a core-hour and
// of a GiB-hour lie far apart, differ in their proportion, and vary by a tenth from
// cluster to cluster; one node shape per cluster, of four that clouds sell for large
// machines (r7i.48xlarge, u-3tb1, u-6tb1, u7i-8tb). The seed deals shapes, sizes and
// prices. Tenants are drawn to stay in a region (25, 20 and 8%; the rest may go
// anywhere), and machines of type 1 run on 12 of the clusters alone. Cheap room is
// where many must be. Load is the busiest quarter of a day over the capacity, in the
// scarcer resource, so that it is never above the figure.
//
// A machine without room waits until its end comes; what it missed is unplaced. Sizes
// are weighed in money, at the mean prices of the fleet.
//
// The bound ([scenario.bound]) is a linear program for each quarter of a day: machines
// are divisible and move at will, the nodes of a cluster are one pool. For each policy
// it is the least that just what this policy placed can cost, so that refusing what is
// dear does not look cheap. No policy that never moves a machine can be expected to
// reach it. Unavoidable is what the same program cannot place at any price.
//
// Ours is measured twice: as a policy in this simulation that follows plans of
// pkg/steering/solve, and as the real core (core.go), fed with the events of agents.
package cost
