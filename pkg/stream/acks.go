package stream

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// outcome is told once, from the connection's own goroutine: it must not block.
type outcome func(seq uint64, err error)

// acks sends messages whose acknowledgement is told to a function, so that many
// are in flight without a goroutine each.
type acks struct {
	js      jetstream.JetStream
	mu      sync.Mutex
	waiting map[*nats.Msg]outcome
}

func newAcks(nc *nats.Conn, timeout time.Duration, pending int) (*acks, error) {
	a := &acks{waiting: map[*nats.Msg]outcome{}}
	js, err := jetstream.New(nc,
		jetstream.WithPublishAsyncTimeout(timeout),
		jetstream.WithPublishAsyncMaxPending(2*pending), // the callers bound themselves, with a context
		jetstream.WithPublishAsyncAckHandler(func(_ jetstream.JetStream, m *nats.Msg, ack *jetstream.PubAck) {
			a.tell(m, ack.Sequence, nil)
		}),
		jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, m *nats.Msg, err error) {
			a.tell(m, 0, err)
		}))
	if err != nil {
		return nil, fmt.Errorf("open JetStream for publishing: %w", err)
	}
	a.js = js
	return a, nil
}

// send publishes once; the library's own retry on a missing responder would
// send the end of a batch without its beginning. The message may be used again,
// even while this one is in flight, so what waits is a copy.
func (a *acks) send(original *nats.Msg, told outcome) error {
	m := &nats.Msg{Subject: original.Subject, Header: original.Header, Data: original.Data}
	a.mu.Lock()
	a.waiting[m] = told
	a.mu.Unlock()
	_, err := a.js.PublishMsgAsync(m, jetstream.WithRetryAttempts(0))
	if err != nil {
		a.take(m)
	}
	return err
}

func (a *acks) take(m *nats.Msg) outcome {
	a.mu.Lock()
	defer a.mu.Unlock()
	told := a.waiting[m]
	delete(a.waiting, m)
	return told
}

func (a *acks) tell(m *nats.Msg, seq uint64, err error) {
	if told := a.take(m); told != nil {
		told(seq, err)
	}
}

// answer is the store's refusal inside err, if it is one. A refusal is definite;
// everything else leaves the outcome open.
func answer(err error) (*jetstream.APIError, bool) {
	var api *jetstream.APIError
	return api, errors.As(err, &api)
}

func moved(code jetstream.ErrorCode) bool {
	return code == jetstream.JSErrCodeStreamWrongLastSequence ||
		code == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}
