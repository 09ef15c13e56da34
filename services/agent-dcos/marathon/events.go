package marathon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Events calls changed for every event until ctx ends or the stream breaks; it always returns why. Events have no
// number and are not repeated: what happened between two streams is seen by looking alone.
func (c Client) Events(ctx context.Context, changed func()) error {
	stream, err := c.Open(ctx, http.MethodGet, "/v2/events?plan-format=light", "text/event-stream", nil)
	if err != nil {
		return fmt.Errorf("follow Marathon's events: %w", err)
	}
	defer stream.Close()
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadSlice('\n') // a long line comes in pieces, of which only the first counts
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return fmt.Errorf("follow Marathon's events: %w", err)
		}
		if strings.HasPrefix(string(line), "event:") {
			changed()
		}
	}
}
