package foreign

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/harness"
)

// patience is how long a foreign client may take for one thing.
const patience = 2 * time.Minute

// startServer runs a server with the four streams and gives its address.
func startServer(t *testing.T) (url string) {
	t.Helper()
	s, err := harness.Serve(harness.Synced(t.TempDir(), server.RANDOM_PORT))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { harness.End(s) })
	js := connect(t, s.ClientURL())
	for _, stream := range event.Streams() {
		config := jetstream.StreamConfig{Name: string(stream), Subjects: []string{event.FilterStream(stream)}}
		if _, err := js.CreateStream(t.Context(), config); err != nil {
			t.Fatal(err)
		}
	}
	return s.ClientURL()
}

func connect(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// stored decodes the message at a place of a stream.
func stored(t *testing.T, js jetstream.JetStream, stream event.Stream, sequence uint64) event.Event {
	t.Helper()
	s, err := js.Stream(t.Context(), string(stream))
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.GetMsg(t.Context(), sequence)
	if err != nil {
		t.Fatal(err)
	}
	e, err := event.Decode(m.Subject, m.Header, m.Data, event.At{Stream: stream, Sequence: m.Sequence, Stored: m.Time})
	if err != nil {
		t.Fatalf("%s %d: %v", stream, sequence, err)
	}
	return e
}
