package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var errClosed = errors.New("reader is closed")

// inlet takes what a JetStream consumer delivers and hands it on in batches. When
// the connection came back, or the consumer is in trouble, it asks doubt whether to
// go on: the library alone would wait for ever on a stream that was made anew.
type inlet struct {
	arrived chan jetstream.Msg
	failed  chan error
	ctx     context.Context // ends with close
	stop    context.CancelFunc
	once    sync.Once
	release func() // of the consumer, at the end
	worry   chan struct{}
}

func newInlet() *inlet {
	in := &inlet{
		arrived: make(chan jetstream.Msg, readAhead),
		failed:  make(chan error, 1),
		worry:   make(chan struct{}, 1),
		release: func() {},
	}
	in.ctx, in.stop = context.WithCancel(context.Background())
	return in
}

// run starts the consumer.
func (in *inlet) run(nc *nats.Conn, c jetstream.Consumer, doubt func(context.Context) error, opts ...jetstream.PullConsumeOpt) error {
	opts = append(opts, jetstream.ConsumeErrHandler(func(jetstream.ConsumeContext, error) { in.worried() }))
	consuming, err := c.Consume(in.take, opts...)
	if err != nil {
		in.stop()
		return fmt.Errorf("start consumer: %w", err)
	}
	context.AfterFunc(in.ctx, consuming.Stop)
	status := nc.StatusChanged(nats.CONNECTED)
	go func() {
		defer nc.RemoveStatusListener(status)
		in.watch(status, doubt)
	}()
	return nil
}

func (in *inlet) take(m jetstream.Msg) {
	select {
	case in.arrived <- m:
	case <-in.ctx.Done():
	}
}

func (in *inlet) worried() {
	select {
	case in.worry <- struct{}{}:
	default:
	}
}

func (in *inlet) watch(status <-chan nats.Status, doubt func(context.Context) error) {
	for {
		select {
		case <-in.ctx.Done():
			return
		case <-in.worry:
		case <-status:
		}
		if err := in.resolve(doubt); err != nil {
			in.failed <- err
			return
		}
	}
}

// resolve asks until there is an answer: an error that says so much as that the
// stream cannot be asked is none.
func (in *inlet) resolve(doubt func(context.Context) error) error {
	_, err := backoff.Retry(in.ctx, func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(in.ctx, 5*time.Second)
		defer cancel()
		err := doubt(ctx)
		if err == nil || !final(err) {
			return struct{}{}, err
		}
		return struct{}{}, backoff.Permanent(err)
	}, backoff.WithMaxElapsedTime(0))
	if in.ctx.Err() != nil {
		return nil
	}
	return err
}

func final(err error) bool {
	return errors.As(err, new(*Incarnation)) || errors.As(err, new(*RolledBack)) ||
		errors.As(err, new(*Gap)) || errors.As(err, new(*Absent)) || errors.As(err, new(*NotJoined))
}

func (in *inlet) next(ctx context.Context) ([]jetstream.Msg, error) {
	var batch []jetstream.Msg
	select {
	case m := <-in.arrived:
		batch = append(make([]jetstream.Msg, 0, 1+len(in.arrived)), m)
	case err := <-in.failed:
		in.failed <- err // for the next call
		return nil, err
	case <-in.ctx.Done():
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for len(batch) < readAhead {
		select {
		case m := <-in.arrived:
			batch = append(batch, m)
		default:
			return batch, nil
		}
	}
	return batch, nil
}

func (in *inlet) close() {
	in.once.Do(func() {
		in.stop()
		in.release()
	})
}
