package placement

import (
	"context"
	"time"
)

// backoff is a growing pause between tries.
type backoff struct{ tries int }

func (b *backoff) wait(ctx context.Context) {
	sleep(ctx, min(50*time.Millisecond<<min(b.tries, 7), 5*time.Second))
	b.tries++
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
