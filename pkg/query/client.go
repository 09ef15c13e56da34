package query

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// Client asks the placement service. Its methods fail with *NotFound, *Invalid or
// *Unreachable, or when ctx ends.
type Client struct{ nc *nats.Conn }

// New gives a client on a connection.
func New(nc *nats.Conn) *Client { return &Client{nc} }

// Asked is which state answered. Of a list in several pages it is the oldest.
type Asked struct {
	State     uint64          `json:"state"`
	Positions event.Positions `json:"positions"`
	Observed  int64           `json:"observed"`
	Age       time.Duration   `json:"age"` // since the newest fact in that state was stored
}

// Clusters lists every cluster, by name.
func (c *Client) Clusters(ctx context.Context) ([]scheduler.ClusterView, Asked, error) {
	return list[scheduler.ClusterView](ctx, c, Question{Kind: Clusters}, nil)
}

// Workloads lists the workloads of a tenant, or of all for "", by tenant and name.
func (c *Client) Workloads(ctx context.Context, t event.Tenant) ([]scheduler.WorkloadView, Asked, error) {
	return list[scheduler.WorkloadView](ctx, c, Question{Kind: Workloads, Tenant: t}, nil)
}

// Workload gives one workload.
func (c *Client) Workload(ctx context.Context, w event.WorkloadID) (scheduler.WorkloadView, Asked, error) {
	var view scheduler.WorkloadView
	_, asked, err := list[struct{}](ctx, c, Question{Kind: Workload, Tenant: w.Tenant, Name: w.Name}, &view)
	return view, asked, err
}

// Explain gives every cluster and every check for a workload, as of now.
func (c *Client) Explain(ctx context.Context, w event.WorkloadID) (scheduler.Explanation, Asked, error) {
	return c.explanation(ctx, Question{Kind: Explain, Tenant: w.Tenant, Name: w.Name})
}

// Plan says what would be decided for a workload that is not submitted.
func (c *Client) Plan(ctx context.Context, w *event.WorkloadSubmitted) (scheduler.Explanation, Asked, error) {
	return c.explanation(ctx, Question{Kind: Plan, Tenant: w.Tenant, Submit: w})
}

// WhyNot says what would have to change for a workload to be on a cluster.
func (c *Client) WhyNot(ctx context.Context, w event.WorkloadID, not event.ClusterID) (scheduler.WhyNot, Asked, error) {
	var why scheduler.WhyNot
	_, asked, err := list[struct{}](ctx, c, Question{Kind: WhyNot, Tenant: w.Tenant, Name: w.Name, Not: not}, &why)
	return why, asked, err
}

// Quotas lists every quota with its use, by tenant.
func (c *Client) Quotas(ctx context.Context) ([]scheduler.QuotaView, Asked, error) {
	return list[scheduler.QuotaView](ctx, c, Question{Kind: Quotas}, nil)
}

// Prices lists the prices that count, by cluster.
func (c *Client) Prices(ctx context.Context) ([]scheduler.PriceView, Asked, error) {
	return list[scheduler.PriceView](ctx, c, Question{Kind: Prices}, nil)
}

// Scores lists the scores set from outside, by cluster and name.
func (c *Client) Scores(ctx context.Context) ([]event.ScoreSet, Asked, error) {
	return list[event.ScoreSet](ctx, c, Question{Kind: Scores}, nil)
}

// Policy gives the fleet's policy, nil while nobody set one.
func (c *Client) Policy(ctx context.Context) (*event.PolicySet, Asked, error) {
	var p *event.PolicySet
	_, asked, err := list[struct{}](ctx, c, Question{Kind: Policy}, &p)
	return p, asked, err
}

// Status is the service about itself.
func (c *Client) Status(ctx context.Context) (StatusView, Asked, error) {
	var view StatusView
	_, asked, err := list[struct{}](ctx, c, Question{Kind: Status}, &view)
	return view, asked, err
}

func (c *Client) explanation(ctx context.Context, q Question) (scheduler.Explanation, Asked, error) {
	var e scheduler.Explanation
	rows, asked, err := list[scheduler.ClusterChecks](ctx, c, q, &e)
	e.Clusters = rows
	return e, asked, err
}

// list asks page after page, joins the items and decodes the head of the first page.
func list[T any](ctx context.Context, c *Client, q Question, head any) ([]T, Asked, error) {
	var all []T
	var asked Asked
	for first := true; first || q.After != ""; first = false {
		a, err := c.ask(ctx, q)
		if err != nil {
			return nil, Asked{}, err
		}
		if first {
			asked = Asked{a.State, a.Positions, a.Observed, time.Duration(a.AgeMillis) * time.Millisecond}
			if head != nil {
				if err := json.Unmarshal(a.Head, head); err != nil {
					return nil, Asked{}, fmt.Errorf("answer to %s: %w", q.Kind, err)
				}
			}
		}
		if all, err = appendItems(all, a.Items); err != nil {
			return nil, Asked{}, fmt.Errorf("answer to %s: %w", q.Kind, err)
		}
		q.After = a.Next
	}
	return all, asked, nil
}

func appendItems[T any](all []T, items []json.RawMessage) ([]T, error) {
	for _, raw := range items {
		var item T
		if err := json.Unmarshal(raw, &item); err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

func (c *Client) ask(ctx context.Context, q Question) (Answer, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return Answer{}, fmt.Errorf("ask %s: %w", q.Kind, err)
	}
	msg, err := c.nc.RequestWithContext(ctx, q.subject(), body)
	if err != nil {
		return Answer{}, fromTransport(err)
	}
	if code := msg.Header.Get(micro.ErrorCodeHeader); code != "" {
		return Answer{}, fromService(code, msg.Header.Get(micro.ErrorHeader))
	}
	var a Answer
	if err := json.Unmarshal(msg.Data, &a); err != nil {
		return Answer{}, fmt.Errorf("answer to %s: %w", q.Kind, err)
	}
	return a, nil
}
