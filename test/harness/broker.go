// Package harness starts what more than one suite or program of this module needs:
// a real NATS server in this process, and service binaries as processes that can be
// killed. It must never stand in for a service: what it starts is the real one.
package harness

import (
	"context"
	"fmt"
	"os"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/stream"
)

// Broker is a server in this process, reached over loopback on a free port, with
// the log set up in a folder of its own. Every write is synced.
type Broker struct {
	URL  string
	Conn *nats.Conn
	Log  *stream.Log

	server *server.Server
	dir    string
}

// StartBroker starts a server and makes the streams. The caller stops it.
func StartBroker(ctx context.Context) (*Broker, error) {
	dir, err := os.MkdirTemp("", "fairlead-broker")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	b := &Broker{dir: dir}
	if err := b.start(ctx); err != nil {
		b.Stop()
		return nil, fmt.Errorf("start the broker: %w", err)
	}
	return b, nil
}

func (b *Broker) start(ctx context.Context) (err error) {
	if b.server, err = Serve(Synced(b.dir, server.RANDOM_PORT)); err != nil {
		return err
	}
	b.URL = "nats://" + b.server.Addr().String()
	if b.Conn, err = stream.Connect(ctx, stream.ConnConfig{URL: b.URL, Name: "harness"}); err != nil {
		return err
	}
	js, err := jetstream.New(b.Conn)
	if err != nil {
		return err
	}
	if _, err := stream.Setup(ctx, js, stream.Options{}); err != nil {
		return err
	}
	b.Log, err = stream.Open(ctx, b.Conn, stream.Options{})
	return err
}

// Stop ends the server and removes its data.
func (b *Broker) Stop() {
	if b.Conn != nil {
		b.Conn.Close()
	}
	if b.server != nil {
		End(b.server)
	}
	_ = os.RemoveAll(b.dir)
}
