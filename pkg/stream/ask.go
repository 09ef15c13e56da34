package stream

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// askAgain is how long one question about a stream may stay without an answer.
const askAgain = 2 * time.Second

// ask puts a question to the servers' API until it is answered. While a stream, or all of
// JetStream, has no leader a question is lost, or answered that nobody can, so it is asked again
// every little while, for as long as patience lasts.
func ask[T any](ctx context.Context, patience time.Duration, question func(context.Context) (T, error)) (T, error) {
	once := func() (T, error) {
		one, cancel := context.WithTimeout(ctx, min(askAgain, patience))
		defer cancel()
		got, err := question(one)
		if err == nil || ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return got, err
		}
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrTimeout) || unavailable(err) {
			return got, err
		}
		return got, backoff.Permanent(err)
	}
	return backoff.Retry(ctx, once, backoff.WithMaxElapsedTime(patience))
}

// unavailable says whether servers answered that they have no leader.
func unavailable(err error) bool {
	api, ok := answer(err)
	return ok && api.ErrorCode == codeUnavailable
}

const codeUnavailable jetstream.ErrorCode = 10008 // JSClusterNotAvail
