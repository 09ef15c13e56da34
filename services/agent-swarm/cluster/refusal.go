package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// oldest is the first API with jobs.
const oldest = "1.41"

// version asks the manager who it is, and refuses an API that is too old for what the agent promises.
func (c *Cluster) version(ctx context.Context) (string, error) {
	var said client.ServerVersionResult
	err := c.request(ctx, func(ctx context.Context) (err error) {
		said, err = c.api.ServerVersion(ctx, client.ServerVersionOptions{})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("ask for the version: %w", err)
	}
	if versions.LessThan(said.APIVersion, oldest) {
		return "", fmt.Errorf("the engine's API is %s: want %s (Docker 20.10) or newer", said.APIVersion, oldest)
	}
	return said.Version, nil
}

// moved turns the answers that mean "read again" into errMoved: a name that is taken, a version that
// is not the newest, which Swarm tells by a word in a 500.
func moved(err error) error {
	if err == nil {
		return nil
	}
	if cerrdefs.IsConflict(err) || cerrdefs.IsAlreadyExists(err) || cerrdefs.IsNotFound(err) ||
		strings.Contains(err.Error(), "update out of sequence") {
		return fmt.Errorf("%w: %w", errMoved, err)
	}
	return err
}

// refusal turns the manager's final answers into rejections, and leaves those that may pass alone.
func refusal(err error) error {
	switch {
	case err == nil, errors.Is(err, agent.ErrStale), errors.As(err, new(*agent.Rejection)):
		return err
	case cerrdefs.IsInvalidArgument(err):
		return &agent.Rejection{Reason: event.RejectReasonInvalid, Message: words(err)}
	case cerrdefs.IsPermissionDenied(err), cerrdefs.IsUnauthorized(err):
		return &agent.Rejection{Reason: event.RejectReasonForbidden, Message: words(err)}
	}
	return err
}

// words are the manager's own.
func words(err error) string {
	said := err.Error()
	if _, after, found := strings.Cut(said, "Error response from daemon: "); found {
		return after
	}
	return said
}
