// Package stream is the log: the streams that events are kept in, over NATS
// JetStream, with an in-memory twin for simulation.
//
// It knows how events are stored, ordered, fenced and read back; it never knows
// what they mean. It must never decide, never retry an append whose outcome it
// does not know, never change or delete a stream, and never swallow a gap.
//
// An event travels through it like this: Publish sends a fact and waits until it
// is stored, PublishAll does so for many at once; Read gives a stream back in order,
// in batches; an Appender is the one writer of PLACEMENTS, fenced by the sequence it
// expects and its epoch's record; Commands hands a cluster its part of PLACEMENTS; what
// cannot be read goes to DeadLetter; SaveCheckpoint keeps the fold of it all. Log is the
// real one, Memory the twin, and the contract that both keep is the suite in package
// streamtest.
//
// Begin reading with topology.go (what exists), then append.go (the fence).
package stream
