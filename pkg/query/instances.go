package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Role is what an instance of placement does.
type Role string

// The roles. Only the one that leads answers questions about the fleet.
const (
	Leading Role = "leading"
	Standby Role = "standby"
)

// Instance is one process of placement about itself.
type Instance struct {
	Name    string `json:"name"` // unique to the process and its turn in the role
	Role    Role   `json:"role"`
	Ready   bool   `json:"ready"` // it leads and its appends succeed, or it has folded all that it read
	Why     string `json:"why,omitempty"`
	Trouble string `json:"trouble,omitempty"` // of a leader: why nothing gets into the log now
	Epoch   uint64 `json:"epoch"`             // the last one begun, as far as it knows
	Engine  string `json:"engine"`            // its own
	State   uint64 `json:"state"`             // PLACEMENTS sequence of its state
	Steps   uint64 `json:"steps,omitempty"`   // of a leader: grows for as long as it gets on
	Saved   uint64 `json:"saved"`             // PLACEMENTS sequence of the last checkpoint that it knows of
	Saver   string `json:"saver,omitempty"`   // of a leader: the standby that saves checkpoints in its place
}

const (
	// LeaderSubject is where whoever leads answers standbys; nobody else may ask.
	LeaderSubject = "fairlead.placement.leader"
	// InstancesSubject is where every instance answers: one question, many answers.
	InstancesSubject = subjectRoot + "fleet.instances"
	// gathering is how long answers of instances are waited for.
	gathering = 300 * time.Millisecond
)

// ServeInstance answers for an instance until the returned function is called: to
// everybody who asks for all of them, and if it leads, to the standbys that ask for a
// sign of life, each of which says who it is.
func ServeInstance(nc *nats.Conn, leads bool, about func(asker *Instance) Instance) (end func(), err error) {
	var all []*nats.Subscription
	end = func() {
		for _, s := range all {
			_ = s.Unsubscribe() // of a connection that is gone: nothing is left to end
		}
	}
	subjects := []string{InstancesSubject}
	if leads {
		subjects = append(subjects, LeaderSubject)
	}
	for _, subject := range subjects {
		s, err := nc.Subscribe(subject, func(m *nats.Msg) { respondAbout(m, about) })
		if err != nil {
			end()
			return nil, fmt.Errorf("serve %s: %w", subject, err)
		}
		all = append(all, s)
	}
	_ = nc.FlushTimeout(gathering) // from here on the server knows; without a connection it will
	return end, nil
}

func respondAbout(m *nats.Msg, about func(*Instance) Instance) {
	var asker *Instance
	if m.Subject == LeaderSubject {
		asker = new(Instance)
		if json.Unmarshal(m.Data, asker) != nil {
			return
		}
	}
	if body, err := json.Marshal(about(asker)); err == nil {
		_ = m.Respond(body) // who does not hear it asks again
	}
}

// Leader asks whoever leads for a sign of life. The error is *Unreachable where the
// server knows that nobody leads, at once; anything else says nothing about a leader.
func (c *Client) Leader(ctx context.Context, me Instance) (Instance, error) {
	var leader Instance
	body, err := json.Marshal(me)
	if err != nil {
		return leader, fmt.Errorf("ask the leader: %w", err)
	}
	m, err := c.nc.RequestWithContext(ctx, LeaderSubject, body)
	if err != nil {
		return leader, fromTransport(err)
	}
	if err := json.Unmarshal(m.Data, &leader); err != nil {
		return leader, fmt.Errorf("answer of the leader: %w", err)
	}
	return leader, nil
}

// Instances lists every instance that answers, whoever leads first, then by name. The
// error is *Unreachable where there is none.
func (c *Client) Instances(ctx context.Context) ([]Instance, error) {
	inbox := c.nc.NewInbox()
	sub, err := c.nc.SubscribeSync(inbox)
	if err != nil {
		return nil, fromTransport(err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := c.nc.PublishRequest(InstancesSubject, inbox, nil); err != nil {
		return nil, fromTransport(err)
	}
	ctx, cancel := context.WithTimeout(ctx, gathering)
	defer cancel()
	var all []Instance
	for {
		m, err := sub.NextMsgWithContext(ctx)
		switch {
		case errors.Is(err, context.DeadlineExceeded) && len(all) > 0:
			slices.SortFunc(all, byRole)
			return all, nil
		case err != nil:
			return nil, fromTransport(err)
		}
		var one Instance
		if err := json.Unmarshal(m.Data, &one); err != nil {
			return nil, fmt.Errorf("answer of an instance: %w", err)
		}
		all = append(all, one)
	}
}

func byRole(a, b Instance) int {
	if a.Role != b.Role {
		return strings.Compare(string(a.Role), string(b.Role)) // leading comes before standby
	}
	return strings.Compare(a.Name, b.Name)
}
