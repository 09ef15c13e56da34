package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ServeCluster starts a server over each folder, as one cluster whose servers know each
// other. The caller ends each with End.
func ServeCluster(dirs ...string) ([]*server.Server, error) {
	routes, ports, err := freeRoutes(len(dirs))
	if err != nil {
		return nil, err
	}
	var all []*server.Server
	for i, dir := range dirs {
		o := Synced(dir, server.RANDOM_PORT)
		o.ServerName = fmt.Sprintf("n%d", i+1)
		o.Cluster = server.ClusterOpts{Name: "test", Host: o.Host, Port: ports[i]}
		o.Routes = routes
		s, err := server.NewServer(o)
		if err != nil {
			return all, err
		}
		s.Start()
		all = append(all, s)
	}
	for _, s := range all {
		if !s.ReadyForConnections(30 * time.Second) {
			return all, errors.New("a server of the cluster is not ready")
		}
	}
	return all, nil
}

// freeRoutes asks the system for ports: every server must know all of them before the
// first one starts.
func freeRoutes(n int) (routes []*url.URL, ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: l.Addr().String()})
	}
	return routes, ports, nil
}

// AwaitJetStream waits until a cluster that just began has a leader of its own, so that
// streams can be made.
func AwaitJetStream(ctx context.Context, nc *nats.Conn) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		one, cancel := context.WithTimeout(ctx, time.Second)
		_, err := js.AccountInfo(one)
		cancel()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
}
