package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/stream"
)

// broker is a server in this process, reached over loopback, with the log set up.
type broker struct {
	server *server.Server
	dir    string
	url    string
	nc     *nats.Conn
	log    *stream.Log
}

func startBroker(ctx context.Context) (*broker, error) {
	dir, err := os.MkdirTemp("", "fairlead-bench")
	if err != nil {
		return nil, err
	}
	b := &broker{dir: dir}
	if err := b.start(ctx); err != nil {
		b.stop()
		return nil, fmt.Errorf("start the broker: %w", err)
	}
	return b, nil
}

func (b *broker) start(ctx context.Context) (err error) {
	b.server, err = server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, StoreDir: b.dir,
		JetStream: true, SyncAlways: true, NoLog: true, NoSigs: true,
	})
	if err != nil {
		return err
	}
	b.server.Start()
	if !b.server.ReadyForConnections(20 * time.Second) {
		return errors.New("it is not ready")
	}
	b.url = "nats://" + b.server.Addr().String()
	if b.nc, err = stream.Connect(ctx, stream.ConnConfig{URL: b.url, Name: "bench"}); err != nil {
		return err
	}
	js, err := jetstream.New(b.nc)
	if err != nil {
		return err
	}
	if _, err := stream.Setup(ctx, js, stream.Options{}); err != nil {
		return err
	}
	b.log, err = stream.Open(ctx, b.nc, stream.Options{})
	return err
}

func (b *broker) stop() {
	if b.nc != nil {
		b.nc.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	_ = os.RemoveAll(b.dir)
}
