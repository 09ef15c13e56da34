package stream

import (
	"context"
	"errors"
	"time"

	"github.com/synadia-io/orbit.go/jetstreamext"

	"fairlead.dev/pkg/event"
)

// positions is the source of a Reader whose account may not make a consumer: it asks for
// records by position, and again after a while where there is none yet. A consumer would
// be told where to deliver, which is a way to write (package rights).
type positions struct {
	log    *Log
	known  Reader // where the reading stands
	filter []string
	ctx    context.Context // ends with close
	stop   context.CancelFunc
}

const (
	askEvery     = 500 * time.Millisecond // for records behind the last
	positionsMax = 256                    // records of one question
	bytesMax     = 4 << 20
)

func newPositions(l *Log, r *Reader, filter []string) *positions {
	p := &positions{log: l, known: *r, filter: filter}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

func (p *positions) next(ctx context.Context) ([]Message, error) {
	for {
		state, err := p.log.State(ctx, p.known.stream)
		if err != nil {
			return nil, err
		}
		if err := p.known.compare(state); err != nil {
			return nil, err
		}
		batch, err := p.ask(ctx, state.Last)
		if len(batch) > 0 || err != nil {
			return batch, err
		}
		select {
		case <-time.After(askEvery):
		case <-p.ctx.Done():
			return nil, errClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ask gives some records up to the last one, none where the filter wants none of them.
func (p *positions) ask(ctx context.Context, last uint64) ([]Message, error) {
	if p.known.next > last {
		return nil, nil
	}
	subject := Subjects(p.known.stream)
	if len(p.filter) == 1 {
		subject = p.filter[0]
	}
	found, err := jetstreamext.GetBatch(ctx, p.log.js, string(p.known.stream), positionsMax,
		jetstreamext.GetBatchSeq(p.known.next), jetstreamext.GetBatchSubject(subject), jetstreamext.GetBatchMaxBytes(bytesMax))
	if err != nil {
		return nil, err
	}
	var batch []Message
	for raw, err := range found {
		if errors.Is(err, jetstreamext.ErrNoMessages) {
			p.known.next = last + 1 // nothing up to there is wanted
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		p.known.next = raw.Sequence + 1
		if wanted(raw.Subject, p.filter) {
			batch = append(batch, Message{Subject: raw.Subject, Header: raw.Header, Data: raw.Data, trust: p.log.o.Identity.Trust,
				At: event.At{Stream: p.known.stream, Sequence: raw.Sequence, Stored: raw.Time}})
		}
	}
	if len(batch) == 0 {
		return p.ask(ctx, last)
	}
	return batch, nil
}

func (p *positions) close() { p.stop() }

// wanted says whether a subject matches one of the filters; none want everything.
func wanted(subject string, filters []string) bool {
	for _, f := range filters {
		if covers(f, subject) {
			return true
		}
	}
	return len(filters) == 0
}
