// Package agent is what every Fairlead agent shares: it takes the commands of one
// cluster from the log, carries them out through an [Orchestrator], and reports what
// the cluster has free and what it runs.
//
// An adapter for one orchestrator implements the four methods of [Orchestrator] and
// passes the suite of package agenttest. It knows nothing of the log, of command
// numbers beyond the fencing token, or of reports.
//
// The package must never
//   - let a lower token change an object that carries a higher one,
//   - delete anything before the synchronisation of its incarnation has ended, or on
//     the word of an incomplete view,
//   - report a command as inside a capacity report whose room is neither bound nor
//     subtracted in that report.
//
// Begin reading at orchestrator.go (the seam), then machine.go: [Machine] is the whole
// protocol as a step function without goroutine, clock or I/O. runtime.go is the thin
// shell that gives it all three. The scripts in testdata show every path in readable
// form.
package agent
