package stream

import (
	"fmt"

	"fairlead.dev/pkg/event"
)

// Moved says that the stream is not where an append expected it: somebody else
// wrote, or an earlier batch of the same chain did not get in. Nothing of this
// batch is stored.
type Moved struct {
	Stream   event.Stream
	Expected uint64 // the last sequence the batch was to follow
	Behind   bool   // the batch failed only because one before it in the chain did
	Text     string // the store's words
}

func (e *Moved) Error() string {
	if e.Behind {
		return fmt.Sprintf("append to %s after %d: an earlier batch of this chain failed: %s", e.Stream, e.Expected, e.Text)
	}
	return fmt.Sprintf("append to %s after %d: the stream has moved: %s", e.Stream, e.Expected, e.Text)
}

// Refused says that the store understood and will not take it. Nothing is stored.
type Refused struct {
	Stream event.Stream
	Code   uint16 // JetStream error code, for example 10077
	Text   string // the store's words
}

func (e *Refused) Error() string {
	if e.Full() {
		return fmt.Sprintf("%s is full and takes nothing more: %s (%d); `fairlead doctor` says which limit", e.Stream, e.Text, e.Code)
	}
	return fmt.Sprintf("%s refused it: %s (%d)", e.Stream, e.Text, e.Code)
}

// Unknown says that no answer came: the append may be stored or not. Read the
// tail before anything else is appended.
type Unknown struct {
	Stream   event.Stream
	Expected uint64 // the last sequence the batch was to follow
	Cause    error  // context.DeadlineExceeded, nats.ErrDisconnected, …
}

func (e *Unknown) Error() string {
	return fmt.Sprintf("append to %s after %d: outcome unknown: %v", e.Stream, e.Expected, e.Cause)
}

func (e *Unknown) Unwrap() error { return e.Cause }

// TooLarge says that a message would not be stored because of its size. It was
// not sent.
type TooLarge struct {
	Subject string
	Size    int // bytes of headers and data
	Limit   int // bytes allowed
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("%s: %d bytes, at most %d can be stored", e.Subject, e.Size, e.Limit)
}

// Gap says that records between two sequences, both inclusive, are gone: they
// fell out of retention, or were purged, before they were read.
type Gap struct {
	Stream   event.Stream
	From, To uint64
}

func (e *Gap) Error() string {
	return fmt.Sprintf("%s no longer holds %d to %d", e.Stream, e.From, e.To)
}

// Incarnation says that a stream was created anew: positions in the old one mean
// nothing in it.
type Incarnation struct {
	Stream       event.Stream
	Known, Found string
}

func (e *Incarnation) Error() string {
	return fmt.Sprintf("%s is not the stream that was known: its incarnation is %s, not %s", e.Stream, e.Found, e.Known)
}

// RolledBack says that a stream ends before a sequence that was once seen in it:
// the store lost records or was restored from an older copy.
type RolledBack struct {
	Stream      event.Stream
	Known, Last uint64
}

func (e *RolledBack) Error() string {
	return fmt.Sprintf("%s rolled back: %d was seen, it now ends at %d", e.Stream, e.Known, e.Last)
}

// NotJoined says that a cluster has no durable consumer: it never joined, or an
// operator removed it.
type NotJoined struct{ Cluster event.ClusterID }

func (e *NotJoined) Error() string {
	return fmt.Sprintf("cluster %s has no command channel: run `fairlead clusters join %s`", e.Cluster, e.Cluster)
}

// Absent says that something the log needs does not exist.
type Absent struct {
	What string
	Hint string // what to do about it; may be empty
}

func (e *Absent) Error() string {
	if e.Hint == "" {
		return e.What + " does not exist"
	}
	return e.What + " does not exist: " + e.Hint
}

func absent(what string) *Absent { return &Absent{What: what, Hint: "run `fairlead setup`"} }

// Damaged says that a checkpoint exists but cannot be trusted.
type Damaged struct{ Name, Why string }

func (e *Damaged) Error() string { return fmt.Sprintf("checkpoint %s is damaged: %s", e.Name, e.Why) }
