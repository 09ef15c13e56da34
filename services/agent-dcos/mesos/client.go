package mesos

import (
	"context"
	"errors"
	"net/http"

	"fairlead.dev/services/agent-dcos/dcos"
)

// Client asks one master. Its methods may be called at the same time.
type Client struct{ *dcos.Client }

type call struct {
	Type string `json:"type"`
}

const path = "/api/v1"

// State reads agents and tasks as of one moment.
func (c Client) State(ctx context.Context) (*State, error) {
	var answer struct {
		State *State `json:"get_state"`
	}
	err := c.Call(ctx, http.MethodPost, path, call{"GET_STATE"}, &answer)
	if err == nil && answer.State == nil {
		err = errors.New("GET_STATE: the answer holds no state")
	}
	return answer.State, err
}

// Version asks for the master's version.
func (c Client) Version(ctx context.Context) (string, error) {
	var answer struct {
		Version struct {
			Info struct {
				Version string `json:"version"`
			} `json:"version_info"`
		} `json:"get_version"`
	}
	err := c.Call(ctx, http.MethodPost, path, call{"GET_VERSION"}, &answer)
	return answer.Version.Info.Version, err
}

// Quotas reads the limits of all roles; before Mesos 1.9 there were none.
func (c Client) Quotas(ctx context.Context) ([]Quota, error) {
	var answer struct {
		Quota struct {
			Status struct {
				Configs []Quota `json:"configs"`
			} `json:"status"`
		} `json:"get_quota"`
	}
	err := c.Call(ctx, http.MethodPost, path, call{"GET_QUOTA"}, &answer)
	return answer.Quota.Status.Configs, err
}
