// Package laws holds what a federation left behind against what must hold whatever
// happened to it: the log, read once from end to end, what was accepted of whom, and
// what the clusters run. It knows nothing of how the faults were made, and shares no code
// with the services.
//
// It must never wait, read or write: facts in, broken laws out. Safety must hold at any
// moment; Rest once every fault has ended and everything was given time.
//
// Begin reading at Book, then Book.Check.
package laws
