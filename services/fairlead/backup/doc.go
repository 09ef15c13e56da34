// Package backup keeps a whole federation in a folder, and puts it into an empty NATS
// again: every stream with its sequences, its records and their times, every durable
// consumer with what it has acknowledged, the checkpoints, and the settings of all that.
//
// What is copied is the servers' own snapshot of each stream, taken in an order in which
// no part names what another does not hold: the checkpoints first, then PLACEMENTS, then
// the facts that its records were made from. Nothing has to stand still for it.
//
// A restore continues the streams and is not them: each restored stream has an incarnation
// of its own and says in its metadata what it continues (stream.Lineage). INTENTS and
// PLACEMENTS leave out as many numbers as the end that is lost can have used, so that no
// agent and no integration ever meets one of them with another meaning (ADR 24).
//
// The package must never write into a folder or a stream that holds something, leave a
// part of a restore behind that failed, or put anything back that it has not verified.
//
// Begin reading at Take and Restore; archive.go knows what is inside a snapshot.
package backup
