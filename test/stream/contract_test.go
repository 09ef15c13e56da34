package stream_test

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/pkg/stream/streamtest"
)

var contractOptions = stream.Options{
	Scale: 0.01, Redeliver: streamtest.Redeliver, Checkpoints: streamtest.Checkpoints, InFlight: streamtest.InFlight,
}

func TestLogKeepsTheContract(t *testing.T) {
	streamtest.Run(t, func(t *testing.T) streamtest.Subject {
		b := startBroker(t)
		l := open(t, b.ClientURL(), contractOptions)
		h := hands{t, jetStream(t, connect(t, b.ClientURL()))}
		return streamtest.Subject{
			Log: l, Purge: h.purge, Recreate: h.recreate, Damage: h.damage, Store: h.store,
			Deaf: func(answers int) streamtest.Log { return deaf(t, b.Addr().String(), answers) },
		}
	})
}

// hands do to a store what no part of Fairlead does.
type hands struct {
	t  *testing.T
	js jetstream.JetStream
}

func jetStream(t testing.TB, nc *nats.Conn) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func (h hands) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h hands) stream(s event.Stream) jetstream.Stream {
	h.t.Helper()
	found, err := h.js.Stream(h.t.Context(), string(s))
	h.must(err)
	return found
}

func (h hands) purge(s event.Stream, through uint64) {
	h.must(h.stream(s).Purge(h.t.Context(), jetstream.WithPurgeSequence(through+1)))
}

func (h hands) recreate(s event.Stream) {
	h.must(h.js.DeleteStream(h.t.Context(), string(s)))
	_, err := stream.Setup(h.t.Context(), h.js, contractOptions)
	h.must(err)
}

// damage rewrites a checkpoint so that the store itself finds nothing wrong.
func (h hands) damage(placements uint64) bool {
	store, name := h.checkpoint(placements)
	if name == "" {
		return false
	}
	body, err := store.GetBytes(h.t.Context(), name)
	h.must(err)
	body[len(body)-1] ^= 1
	_, err = store.PutBytes(h.t.Context(), name, body)
	h.must(err)
	return true
}

// checkpoint finds a checkpoint by what is in it, whatever its name.
func (h hands) checkpoint(placements uint64) (jetstream.ObjectStore, string) {
	store, err := h.js.ObjectStore(h.t.Context(), "fairlead-checkpoints")
	h.must(err)
	all, err := store.List(h.t.Context())
	h.must(err)
	for _, o := range all {
		body, err := store.GetBytes(h.t.Context(), o.Name)
		h.must(err)
		if label(body).Placements == placements {
			return store, o.Name
		}
	}
	return store, ""
}

func (h hands) store(subject string, data []byte) error {
	_, err := h.js.Publish(h.t.Context(), subject, data)
	return err
}
