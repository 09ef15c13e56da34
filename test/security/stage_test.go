package security_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/pkg/stream"
)

// stage is a federation with two clusters, two tenants, an integration and a reader, in
// which everybody has something that others could want.
type stage struct {
	*federation
	members map[rights.Role]*member
	admin   *member
	agents  map[event.ClusterID]*member
	genuine map[event.ClusterID]event.Event
	letter  *nats.Msg // a record of PLACEMENTS as placement signed it
}

const (
	own, other             = event.ClusterID("eu-1"), event.ClusterID("eu-2")
	ownTenant, otherTenant = event.Tenant("shop"), event.Tenant("bank")
)

func newStage(t *testing.T) *stage {
	s := &stage{federation: found(t), members: map[rights.Role]*member{}, genuine: map[event.ClusterID]event.Event{}, agents: map[event.ClusterID]*member{}}
	for role, names := range map[rights.Role][]string{
		rights.Agent: {string(own), string(other)}, rights.Tenant: {string(ownTenant), string(otherTenant)},
		rights.Reader: {"grace"}, rights.Integration: {"billing", "audit"},
	} {
		for _, name := range names {
			s.issue(role, name)
		}
		s.members[role] = s.as(role, names[0])
	}
	s.admin = s.as(rights.Operator, "ada")
	s.members[rights.Operator] = s.admin
	s.members[rights.Placement] = s.as(rights.Placement, "placement")
	for _, c := range []event.ClusterID{own, other} {
		must(t, s.admin.log.Join(t.Context(), c))
	}
	for _, name := range []string{"billing", "audit"} {
		_, err := s.admin.js.CreateConsumer(t.Context(), string(event.Placements),
			jetstream.ConsumerConfig{Durable: stream.Subscription(name), AckPolicy: jetstream.AckExplicitPolicy})
		must(t, err)
	}
	s.speak(t)
	return s
}

// speak lets everybody say something genuine, so that there is something to forge.
func (s *stage) speak(t *testing.T) {
	for _, c := range []event.ClusterID{own, other} {
		e := hello(c)
		s.agents[c] = s.as(rights.Agent, string(c))
		_, err := s.agents[c].log.Publish(t.Context(), e)
		must(t, err)
		s.genuine[c] = e
	}
	for i, c := range []event.ClusterID{own, other} {
		e := command(c, uint64(i+1))
		m, err := event.Encode(e)
		must(t, err)
		placement := s.members[rights.Placement]
		_, _, err = placement.log.Appender(uint64(i)).Append(t.Context(), []*nats.Msg{m}).Wait(t.Context())
		must(t, err)
		s.letter = m
	}
	// eu-2 holds a command that it has not acknowledged.
	commands, err := s.admin.js.Consumer(t.Context(), string(event.Placements), stream.Durable(other))
	must(t, err)
	_, err = commands.Next(jetstream.FetchMaxWait(3 * time.Second))
	must(t, err)
}

func hello(c event.ClusterID) event.Event {
	e := event.New(event.AgentSource(c), &event.AgentStarted{Cluster: c, Orchestrator: "kubernetes", Instance: "x"})
	e.ID = string(c) + "/hello/1"
	return e
}

func command(c event.ClusterID, at uint64) event.Event {
	e := event.New(event.PlacementSource("a"), &event.CommandSynchronise{Cluster: c, Incarnation: at, First: 1, Through: 0})
	e.ID, e.At = fmt.Sprintf("c_%d", at), event.At{Stream: event.Placements, Sequence: at}
	return e
}

func submission(tenant event.Tenant) event.Event {
	e := event.New(event.SubmitterSource(tenant, "ci"), &event.WorkloadWithdrawn{Tenant: tenant, Name: "web"})
	e.ID = string(tenant) + "-1"
	return e
}

// sight is what the store holds: whatever an attempt could change.
type sight struct {
	last      map[event.Stream]uint64
	messages  map[event.Stream]uint64
	consumers map[string]string // how far each has come
	seen      []event.At        // of what was added since
}

// look takes everything in, with the operator's rights.
func (s *stage) look(t *testing.T) sight {
	t.Helper()
	v := sight{map[event.Stream]uint64{}, map[event.Stream]uint64{}, map[string]string{}, nil}
	for _, name := range append(event.Streams(), stream.DeadLetters) {
		st, err := s.admin.js.Stream(t.Context(), string(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		info := st.CachedInfo()
		v.last[name], v.messages[name] = info.State.LastSeq, info.State.Msgs
		for c := range st.ListConsumers(t.Context()).Info() {
			if c.Config.Durable == "" || c.Name == stream.Durable(own) {
				continue // of the readers of this test; what an agent makes of its own commands is its own affair
			}
			v.consumers[string(name)+" "+c.Name] = fmt.Sprintf("delivered %d, acknowledged to %d, open %d, %+v",
				c.Delivered.Consumer, c.AckFloor.Consumer, c.NumAckPending, c.Config)
		}
	}
	return v
}

// added is what was stored since before.
func (v sight) added(before sight) []event.At {
	var all []event.At
	for _, name := range slices.Sorted(maps.Keys(v.last)) {
		for seq := before.last[name] + 1; seq <= v.last[name]; seq++ {
			all = append(all, event.At{Stream: name, Sequence: seq})
		}
	}
	return all
}

// compare says what differs besides what was added.
func (v sight) compare(before sight) string {
	for name, messages := range v.messages {
		if gone := before.messages[name] + (v.last[name] - before.last[name]) - messages; gone != 0 {
			return fmt.Sprintf("%d messages of %s are gone", gone, name)
		}
	}
	if !maps.Equal(v.consumers, before.consumers) {
		return fmt.Sprintf("consumers were %v, are %v", before.consumers, v.consumers)
	}
	return ""
}

// read gives a message as placement reads it.
func (s *stage) read(t *testing.T, at event.At) stream.Message {
	t.Helper()
	r, err := s.members[rights.Placement].log.Read(t.Context(), at.Stream, at.Sequence)
	must(t, err)
	defer r.Close()
	batch, err := r.Next(t.Context())
	must(t, err)
	return batch[0]
}

// send publishes and gives what the server said of it.
func (m *member) send(subject, reply string, h nats.Header, body []byte) error {
	before := m.nc.LastError()
	if err := m.nc.PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Header: h, Data: body}); err != nil {
		return err
	}
	if err := m.nc.FlushTimeout(3 * time.Second); err != nil { // a refusal comes before the answer to this
		return err
	}
	if after := m.nc.LastError(); after != nil && after != before { // a value of its own each time
		return after
	}
	return nil
}

// ask is a request of JetStream, in whatever form its account knows it.
func (m *member) ask(subject, body string) error {
	if err := m.send(subject, "", nil, []byte(body)); err != nil {
		return err
	}
	answer, err := m.nc.Request(subject, []byte(body), 500*time.Millisecond)
	if err != nil {
		return err
	}
	return fmt.Errorf("answered: %s", answer.Data)
}

// listen subscribes and gives what the server said of it.
func (m *member) listen(subject string) error {
	before := m.nc.LastError()
	sub, err := m.nc.SubscribeSync(subject)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := m.nc.FlushTimeout(3 * time.Second); err != nil {
		return err
	}
	if after := m.nc.LastError(); after != nil && after != before {
		return after
	}
	return errors.New("subscribed")
}

// settle returns when the server has done what m asked for: it answers m, then makes and
// removes a consumer several times over. TestReplySubjectsInOneAccount shows that this is
// long enough for what an attempt sets going.
func (s *stage) settle(t *testing.T, m *member) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	must(t, m.nc.FlushWithContext(ctx))
	for range 5 {
		_, err := s.admin.js.CreateConsumer(ctx, string(stream.DeadLetters), jetstream.ConsumerConfig{Durable: "barrier"})
		must(t, err)
		must(t, s.admin.js.DeleteConsumer(ctx, string(stream.DeadLetters), "barrier"))
	}
}
