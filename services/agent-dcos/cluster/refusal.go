package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/dcos"
)

// oldest is the first Marathon with networks and containers as they are written here.
const oldest = "1.5"

// who is what the cluster said of itself.
type who struct {
	mu      sync.Mutex
	asked   time.Time
	version string
	role    string
}

// askAgain is how long what the cluster says of itself is believed.
const askAgain = time.Minute

// identify asks who Marathon and Mesos are, and refuses those that are too old for what the agent
// promises.
func (c *Cluster) identify(ctx context.Context) (version, role string, err error) {
	c.who.mu.Lock()
	defer c.who.mu.Unlock()
	if c.who.version != "" && time.Since(c.who.asked) < askAgain {
		return c.who.version, c.who.role, nil
	}
	info, err := c.marathon.Info(ctx)
	if err != nil {
		return "", "", fmt.Errorf("ask for Marathon's version: %w", err)
	}
	if older(info.Version, oldest) {
		return "", "", fmt.Errorf("this is Marathon %q: want %s or newer", info.Version, oldest)
	}
	master, err := c.mesos.Version(ctx)
	if err != nil {
		return "", "", fmt.Errorf("ask for Mesos' version: %w", err)
	}
	c.who.version = fmt.Sprintf("Marathon %s, Mesos %s", info.Version, master)
	c.who.role, c.who.asked = info.Config.Role, time.Now()
	return c.who.version, c.who.role, nil
}

// older compares the first two numbers of versions; one that cannot be read is older.
func older(version, than string) bool {
	var major, minor, wantMajor, wantMinor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return true
	}
	_, _ = fmt.Sscanf(than, "%d.%d", &wantMajor, &wantMinor) // a constant of ours
	return major < wantMajor || major == wantMajor && minor < wantMinor
}

// final says whether an error is one that callers compare.
func final(err error) bool {
	return errors.Is(err, agent.ErrStale) || errors.As(err, new(*agent.Rejection))
}

// refusal turns Marathon's final answers into rejections, and leaves those that may pass alone. A token
// that is not accepted may be renewed by somebody: 401 is no final answer, 403 is.
func refusal(err error) error {
	var r *dcos.Refused
	if err == nil || final(err) || !errors.As(err, &r) {
		return err
	}
	switch r.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return &agent.Rejection{Reason: event.RejectReasonInvalid, Message: r.Message}
	case http.StatusForbidden:
		return &agent.Rejection{Reason: event.RejectReasonForbidden, Message: r.Message}
	}
	return err
}
