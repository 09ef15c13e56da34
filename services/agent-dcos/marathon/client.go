package marathon

import (
	"context"
	"errors"
	"net/http"

	"fairlead.dev/services/agent-dcos/dcos"
)

// Client asks one Marathon. Its methods may be called at the same time.
type Client struct{ *dcos.Client }

// Info asks who Marathon is.
func (c Client) Info(ctx context.Context) (Info, error) {
	var info Info
	err := c.Call(ctx, http.MethodGet, "/v2/info", nil, &info)
	return info, err
}

// embedded is what is asked for along with every app.
const embedded = "embed=group.groups&embed=group.apps&embed=group.pods" +
	"&embed=group.apps.counts&embed=group.apps.deployments&embed=group.apps.lastTaskFailure"

// Group reads a group with all in it; nil if there is none.
func (c Client) Group(ctx context.Context, id string) (*Group, error) {
	var group Group
	err := c.Call(ctx, http.MethodGet, "/v2/groups"+id+"?"+embedded, nil, &group)
	if dcos.Is(err, http.StatusNotFound) {
		return nil, nil
	}
	return &group, err
}

// HasApp says whether there is an app of exactly this path.
func (c Client) HasApp(ctx context.Context, id string) (bool, error) {
	err := c.Call(ctx, http.MethodGet, "/v2/apps"+id, nil, nil)
	if dcos.Is(err, http.StatusNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Versions lists the versions that Marathon keeps of an app; none if there is no app.
func (c Client) Versions(ctx context.Context, id string) ([]string, error) {
	var list struct {
		Versions []string `json:"versions"`
	}
	err := c.Call(ctx, http.MethodGet, "/v2/apps"+id+"/versions", nil, &list)
	if dcos.Is(err, http.StatusNotFound) {
		return nil, nil
	}
	return list.Versions, err
}

// AppAt reads an app as it was in one of its versions; nil if that is no longer kept.
func (c Client) AppAt(ctx context.Context, id, version string) (*App, error) {
	var app App
	err := c.Call(ctx, http.MethodGet, "/v2/apps"+id+"/versions/"+version, nil, &app)
	if dcos.Is(err, http.StatusNotFound) {
		return nil, nil
	}
	return &app, err
}

// CreateGroup makes a group that must not exist. The answer is 409 if it does; of two at once both may
// succeed, the second over the first.
func (c Client) CreateGroup(ctx context.Context, group any) (Written, error) {
	var w Written
	err := c.Call(ctx, http.MethodPost, "/v2/groups", group, &w)
	return w, err
}

// PutGroup makes the group what it is given, in one step. Apps that are not in it are removed. With
// force the deployments in its way are halted.
func (c Client) PutGroup(ctx context.Context, id string, group any, force bool) (Written, error) {
	var w Written
	err := c.Call(ctx, http.MethodPut, "/v2/groups"+id+forced(force), group, &w)
	return w, err
}

// CreateApp makes an app that must not exist.
func (c Client) CreateApp(ctx context.Context, app any) error {
	return c.Call(ctx, http.MethodPost, "/v2/apps", app, nil)
}

// DeleteApp removes an app; one that is gone is as good.
func (c Client) DeleteApp(ctx context.Context, id string) error {
	err := c.Call(ctx, http.MethodDelete, "/v2/apps"+id, nil, nil)
	if dcos.Is(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// Deployments lists those that run.
func (c Client) Deployments(ctx context.Context) ([]Deployment, error) {
	var list []Deployment
	err := c.Call(ctx, http.MethodGet, "/v2/deployments", nil, &list)
	return list, err
}

// Queue lists the apps that wait for offers, with the reasons why offers were declined.
func (c Client) Queue(ctx context.Context) ([]Waiting, error) {
	var list struct {
		Queue []Waiting `json:"queue"`
	}
	err := c.Call(ctx, http.MethodGet, "/v2/queue?embed=lastUnusedOffers", nil, &list)
	return list.Queue, err
}

// Locked gives the deployments that hold the lock, if that is why a write was refused.
func Locked(err error) []string {
	var r *dcos.Refused
	if errors.As(err, &r) && r.Status == http.StatusConflict {
		return r.Deployments
	}
	return nil
}

func forced(force bool) string {
	if force {
		return "?force=true"
	}
	return ""
}
