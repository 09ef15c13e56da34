// Package fairlead is the command line of the product: one binary that operators
// install, with everything needed to try the federation in one process.
//
// Every subcommand is one file with the same shape: a spec (the sentence, three
// examples, exit codes, see also), an options type filled by flags, and the steps
// Complete → Validate → Run. What it prints goes to the writers in its Session, so
// that output is tested. stdout is data, stderr is talk.
//
// Nothing here decides a placement: that is pkg/scheduler. Nothing here invents an
// exit code: package exit has the table. Nothing reads a context of the nats tool
// unless it is named.
//
// Begin with Run in run.go, then command.go, then any subcommand, for example
// withdraw.go. To add a subcommand: write its file, add it to sections in root.go,
// run the tests of this package with -update.
package fairlead
