package stream

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
)

// askAgain is how long one question about a stream may stay without an answer.
const askAgain = 2 * time.Second

// ask puts a question to the servers' API until it is answered. While a stream, or all of
// JetStream, has no leader a question is lost without an answer, so it is asked again
// every little while, for as long as patience lasts.
func ask[T any](ctx context.Context, patience time.Duration, question func(context.Context) (T, error)) (T, error) {
	once := func() (T, error) {
		one, cancel := context.WithTimeout(ctx, min(askAgain, patience))
		defer cancel()
		answer, err := question(one)
		if err == nil || ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return answer, err
		}
		if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrTimeout) {
			return answer, err
		}
		return answer, backoff.Permanent(err)
	}
	return backoff.Retry(ctx, once, backoff.WithMaxElapsedTime(patience))
}
