package placement

import (
	"errors"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// send moves the open batch into flight if it is its turn.
func (l *loop) send() bool {
	if len(l.open.records) == 0 {
		return false
	}
	l.open.full = l.open.full || len(l.open.records) >= l.limits.messages || l.open.bytes >= l.limits.bytes
	free := len(l.flight) < l.limits.inFlight
	if len(l.flight) > 0 && !(free && (l.open.full || l.stopping)) {
		return false
	}
	b := l.open
	// As many will probably follow: a flood then grows no slices.
	l.open = &batch{first: b.last() + 1, records: make([]*record, 0, len(b.records))}
	l.flight = append(l.flight, b)
	l.waiting++
	l.out.appends = append(l.out.appends, b)
	l.watch.sending(b)
	return true
}

// appended is what became of one append; results come in the order of the appends.
type appended struct {
	batch *batch
	err   error
}

func (a appended) step(l *loop) {
	l.waiting--
	l.watch.settled(a.batch, a.err)
	if a.err == nil {
		l.acknowledge(a.batch.last())
	} else if l.broken == nil {
		l.broken = a.err // the first failure says why; those behind it only that the chain broke
	}
	if unacceptable(a.err) {
		a.batch.refused = a.err
	}
	l.lookIfQuiet()
}

// unacceptable tells the refusals that smaller batches mend, down to the one decision
// that is held instead, from those that only time or an operator does, such as a full
// disk: what is too large, and what has no valid form on the wire at all.
func unacceptable(err error) bool {
	var refused *stream.Refused
	if errors.As(err, &refused) {
		return refused.Code == codeMessageTooLarge || refused.Code == codeBatchTooLarge
	}
	return errors.As(err, new(*stream.TooLarge)) || errors.As(err, new(*event.Invalid))
}

// The JetStream error codes for sizes.
const (
	codeMessageTooLarge = 10054
	codeBatchTooLarge   = 10199
)

// acknowledge takes every batch up to a sequence out of flight: a batch in the log
// proves those before it, which the chain demanded.
func (l *loop) acknowledge(through uint64) {
	if through > l.acked {
		l.acked, l.tries, l.trouble = through, 0, nil
	}
	for len(l.flight) > 0 && l.flight[0].last() <= through {
		l.flight = l.flight[1:]
	}
	l.release()
}

// lookIfQuiet reads the tail of the log once every append has been answered or given
// up: only then does the tail say what became of them.
func (l *loop) lookIfQuiet() {
	switch {
	case l.broken == nil || l.waiting > 0:
	case len(l.flight) == 0:
		l.broken, l.trouble = nil, nil
	default:
		l.trouble = l.broken
		l.out.look = &look{from: l.acked + 1, wait: l.backoff()}
		l.tries++
	}
}

// backoff is nothing for the first look, since it mostly mends the chain, then grows.
func (l *loop) backoff() time.Duration {
	if l.tries == 0 {
		return 0
	}
	return min(50*time.Millisecond<<min(l.tries, 10), 5*time.Second)
}

// tail is what the log holds behind the last record known to be in it.
type tail struct {
	first   uint64 // oldest record kept in PLACEMENTS
	last    uint64 // last sequence of PLACEMENTS
	records []stream.Message
	err     error
}

func (t tail) step(l *loop) {
	switch {
	case t.err != nil:
		l.broken = t.err
		l.lookIfQuiet()
		return
	case t.last < l.acked:
		l.stepDown(ErrRolledBack, "PLACEMENTS ends at %d, but %d was acknowledged", t.last, l.acked)
		return
	}
	rest := l.claim(t.records)
	if len(rest) > 0 {
		l.stepDown(foreign(rest, l.me.epoch), "record %d is not ours", rest[0].At.Sequence)
		return
	}
	if t.first > l.me.at && len(l.flight) > 0 {
		// The fence hangs on the epoch's record: without it the log lets nothing in, and
		// only a new epoch mends that.
		l.stepDown(errRebuild, "the epoch began at %d, PLACEMENTS keeps %d and later", l.me.at, t.first)
		return
	}
	l.resend()
}

// claim takes our own records at the head of the tail as acknowledged and returns the
// rest. A batch of which only the beginning is there keeps what is missing.
func (l *loop) claim(records []stream.Message) []stream.Message {
	for len(l.flight) > 0 && len(records) > 0 {
		b, n := l.flight[0], 0
		for n < len(b.records) && n < len(records) && b.records[n].sameAs(records[n]) {
			n++
		}
		if n == 0 {
			return records
		}
		l.acknowledge(b.first + uint64(n) - 1)
		records = records[n:]
		if n < len(b.records) {
			l.flight[0] = &batch{first: b.first + uint64(n), records: b.records[n:], bytes: b.bytes}
			return records
		}
	}
	return records
}

// foreign tells a deposition from a record that nobody should have written.
func foreign(records []stream.Message, mine uint64) error {
	for _, m := range records {
		e, err := m.Event()
		if err != nil {
			continue
		}
		if epoch, ok := e.Data.(*event.EpochStarted); ok && epoch.Epoch > mine {
			return errDeposed
		}
	}
	return errRebuild
}

// resend appends what is not in the log again: the same bytes at the same place. A
// batch that is unacceptable goes in halves.
func (l *loop) resend() {
	if len(l.flight) == 0 {
		l.broken, l.trouble = nil, nil
		return
	}
	if b := l.flight[0]; b.refused != nil {
		left, right, ok := b.split()
		if !ok {
			l.refuse(b)
			return
		}
		l.flight = append([]*batch{left, right}, l.flight[1:]...)
	}
	l.broken = nil
	l.out.restart = true
	l.out.appends = append([]*batch(nil), l.flight...)
	l.waiting = len(l.flight)
}
