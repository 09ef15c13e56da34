package fairlead

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/placement"
)

// decisionNumber reads a DECISION argument: d_184403 as it is printed, or the number.
func decisionNumber(arg string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(arg, "d_"), 10, 53)
	if err != nil || n == 0 {
		return 0, exit.Errorf(exit.Usage, "decision %q: want d_ and a number, as `fairlead explain` and `fairlead tail` print it", arg)
	}
	return n, nil
}

// past folds the log up to a record, on this side: the service is not asked, so it
// need not run.
func (s *Session) past(ctx context.Context, f *fleet, seq uint64) (*placement.Past, error) {
	log, err := f.log(ctx)
	if err != nil {
		return nil, err
	}
	p, err := placement.Before(ctx, log, scheduler.DefaultConfig(), seq)
	switch {
	case errors.As(err, new(*placement.NoRecord)):
		return nil, exit.With(exit.NotFound, err)
	case errors.Is(err, placement.ErrExpired):
		return nil, exit.Errorf(exit.NotFound, "%s cannot be seen any more: %w", decisionID(seq), err)
	}
	return p, err
}
