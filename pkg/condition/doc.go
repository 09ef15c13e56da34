// Package condition answers whether a cluster meets an expression that the owner of a
// workload wrote, in CEL (https://cel.dev), on the facts of that cluster.
//
// The variables:
//
//	cluster.name, cluster.orchestrator, cluster.version,
//	cluster.provider, cluster.region, cluster.zone     string, "" when not known
//	cluster.labels                                     map of string to string
//	cluster.taints                                     list of {key, value, effect}
//	cluster.scores                                     map of string to int: scores from outside
//	cluster.free.cpuMilli, .memoryBytes, .gpuMilli     int: what is not promised to anybody
//	cluster.allocatable.cpuMilli, .memoryBytes, .gpuMilli
//
// On top of CEL's own operators and macros (all, exists, exists_one, filter, map, has)
// there are the functions of CEL's strings extension that cannot make a text longer,
// its sets extension, and:
//
//	semver.compare(string, string) int     -1, 0 or 1 by semver.org 2.0.0; v1.29 reads as 1.29.0
//	quantity.milli(string) int             "1500m" or "1.5" in thousandths
//	quantity.bytes(string) int             "16Gi" in bytes
//
// The scheduler's core calls it, so equal facts give equal answers, to the byte of the
// error: there is no clock, no randomness, no float (an expression that holds one does
// not compile), and maps are walked in the order of their keys. An expression is at most
// MaxLength bytes and one answer costs at most CostLimit steps, however it is written:
// what is bound to cost more does not compile, what turns out to is an error.
//
// The package must never keep anything between two answers, and never decide what an
// error means: to the scheduler it is a failed check with that text as its reason.
// docs/conditions.md tells people the same. A Program is compiled once and kept by its
// caller. Begin reading at Compile.
package condition
