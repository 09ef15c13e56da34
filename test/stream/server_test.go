package stream_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/stream"
	"fairlead.dev/test/harness"
)

// broker is a real server with a data folder; it can stop and start again.
type broker struct {
	*server.Server
	dir  string
	port int
}

// startBroker runs a server on a free port of the loopback interface.
func startBroker(t testing.TB) *broker {
	t.Helper()
	b := &broker{dir: t.TempDir(), port: server.RANDOM_PORT}
	b.start(t)
	t.Cleanup(b.stop)
	return b
}

func (b *broker) start(t testing.TB) {
	t.Helper()
	s, err := harness.Serve(harness.Synced(b.dir, b.port))
	if err != nil {
		t.Fatalf("server: %v", err)
	}
	b.Server, b.port = s, s.Addr().(*net.TCPAddr).Port
}

func (b *broker) stop() { harness.End(b.Server) }

func connect(t testing.TB, url string) *nats.Conn {
	t.Helper()
	nc, err := stream.Connect(t.Context(), stream.ConnConfig{URL: url, Name: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// open sets the log up on a server and opens it.
func open(t testing.TB, url string, o stream.Options) *stream.Log {
	t.Helper()
	nc := connect(t, url)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Setup(t.Context(), js, o); err != nil {
		t.Fatal(err)
	}
	l, err := stream.Open(t.Context(), nc, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// label reads the first line of a stored checkpoint.
func label(body []byte) (l struct{ Placements uint64 }) {
	line, _, _ := bytes.Cut(body, []byte{'\n'})
	if err := json.Unmarshal(line, &l); err != nil {
		panic(err)
	}
	return l
}
