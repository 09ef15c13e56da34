package logtail

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"fairlead.dev/pkg/event"
)

// Config says what to follow.
type Config struct {
	Log    Log
	Filter Filter
	// From gives the first sequence of a stream to show; nil begins with what is
	// stored from now on.
	From   func(ctx context.Context, s event.Stream) (uint64, error)
	Follow bool // go on for ever; else end at what is stored now
	Show   func(Item) error
}

// buffered items per stream: enough that history is read while it is printed.
const buffered = 256

// Run shows what the filter wants until ctx ends, Show fails, or, without Follow,
// everything stored by now was shown.
func Run(ctx context.Context, c Config) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var lanes []*lane
	var readers sync.WaitGroup
	failed := make(chan error, len(event.Streams()))
	defer readers.Wait()
	defer stop()
	for _, s := range event.Streams() {
		filter, wanted := c.Filter.subjects()[s]
		if !wanted {
			continue
		}
		f, err := c.follower(ctx, s, filter)
		if err != nil {
			return err
		}
		if f == nil {
			continue
		}
		items := make(chan Item, buffered)
		f.out = items
		lanes = append(lanes, &lane{in: items})
		readers.Go(func() {
			defer close(items)
			if err := f.run(ctx); err != nil {
				failed <- err
				stop()
			}
		})
	}
	return first(failed, merge(ctx, lanes, c.Follow, func(i Item) error {
		if i.Event != nil && !c.Filter.Match(*i.Event) {
			return nil
		}
		return c.Show(i)
	}))
}

// first prefers the failure that stopped the merge to the cancelling it caused.
func first(failed <-chan error, err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	select {
	case cause := <-failed:
		return cause
	default:
		return err
	}
}

// follower prepares one stream; nil when there is nothing to show in it. Without
// Follow the stream is read unfiltered, because only then is its end seen.
func (c Config) follower(ctx context.Context, s event.Stream, filter []string) (*follower, error) {
	state, err := c.Log.State(ctx, s)
	if err != nil {
		return nil, err
	}
	f := &follower{log: c.Log, stream: s, filter: slices.Clone(filter), from: state.Last + 1}
	if c.From != nil {
		if f.from, err = c.From(ctx, s); err != nil {
			return nil, err
		}
	}
	if !c.Follow {
		f.filter, f.last = nil, state.Last
		if f.from > f.last {
			return nil, nil
		}
	}
	return f, nil
}

// Since gives a From that begins with the first record stored at or after t. It
// asks for single records, halving the stream each time. Where even the oldest record
// is that young, and others stood before it, it begins with what is gone, so that the
// gap is told: some of it may belong to the time that was asked for.
func Since(t time.Time, log Log, stored func(ctx context.Context, s event.Stream, seq uint64) (time.Time, error)) func(context.Context, event.Stream) (uint64, error) {
	return func(ctx context.Context, s event.Stream) (uint64, error) {
		state, err := log.State(ctx, s)
		if err != nil {
			return 0, err
		}
		low, high := state.First, state.Last+1 // the answer is in [low, high]
		for low < high {
			middle := low + (high-low)/2
			at, err := stored(ctx, s, middle)
			if err != nil {
				return 0, err
			}
			if at.Before(t) {
				low = middle + 1
			} else {
				high = middle
			}
		}
		if low == state.First && low <= state.Last {
			return 1, nil
		}
		return low, nil
	}
}
