package stream

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A question that is lost is asked again until there is a leader to answer it; an answer,
// whatever it says, ends it at once, and so does the end of patience.
func TestAsk(t *testing.T) {
	for name, tc := range map[string]struct {
		lost   int   // questions without an answer
		answer error // of the one after them
		asked  int
		took   time.Duration // at most
		err    error
	}{
		"answered at once":           {0, nil, 1, 0, nil},
		"answered when there is one": {3, nil, 4, 12 * time.Second, nil},
		"refused":                    {1, jetstream.ErrStreamNotFound, 2, 4 * time.Second, jetstream.ErrStreamNotFound},
		"nobody can answer":          {0, &jetstream.APIError{Code: 503, ErrorCode: codeUnavailable}, 0, 35 * time.Second, &jetstream.APIError{ErrorCode: codeUnavailable}},
		"never":                      {1000, nil, 0, 35 * time.Second, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked, began := 0, time.Now()
				_, err := ask(t.Context(), 30*time.Second, func(ctx context.Context) (int, error) {
					if asked++; asked <= tc.lost {
						<-ctx.Done()
						return 0, ctx.Err()
					}
					return 1, tc.answer
				})
				if !errors.Is(err, tc.err) || tc.asked > 0 && asked != tc.asked {
					t.Errorf("asked %d times, %v; want %d, %v", asked, err, tc.asked, tc.err)
				}
				if took := time.Since(began); took > tc.took {
					t.Errorf("took %s, at most %s", took, tc.took)
				}
			})
		})
	}
}
