package deploy_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/authority"
	"fairlead.dev/test/harness"
)

// read parses a configuration as nats-server -c does.
func read(t *testing.T, name string, env map[string]string) *server.Options {
	t.Helper()
	for k, v := range env {
		t.Setenv(k, v)
	}
	o, err := server.ProcessConfigFile(filepath.Join("../../deploy/nats", name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	o.NoSigs, o.NoLog = true, true
	return o
}

// start runs a server as configured, but for its ports, which are free ones on loopback.
func start(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.Port, o.HTTPPort, o.HTTPHost = "127.0.0.1", server.RANDOM_PORT, 0, ""
	if o.LeafNode.Port != 0 {
		o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server is not ready")
	}
	return s
}

func connect(t *testing.T, s *server.Server) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// until asks a server again and again, as it tells nobody when it is done.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, again := within(t), time.NewTicker(10*time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waited too long: %s", what)
		}
	}
}

func TestSingleIsSafeAndLocal(t *testing.T) {
	o := read(t, "single.conf", map[string]string{"FAIRLEAD_NATS_STORE": t.TempDir()})
	if !o.JetStream || !o.SyncAlways {
		t.Errorf("jetstream %v, sync always %v", o.JetStream, o.SyncAlways)
	}
	for what, host := range map[string]string{"clients": o.Host, "monitoring": o.HTTPHost, "leaf nodes": o.LeafNode.Host} {
		if host != "127.0.0.1" {
			t.Errorf("%s on %q: not loopback, and nobody is asked who they are", what, host)
		}
	}
}

func TestThreeServersKnowEachOther(t *testing.T) {
	o := read(t, "cluster.conf", map[string]string{
		"FAIRLEAD_NATS_NAME": "n1", "FAIRLEAD_NATS_STORE": t.TempDir(),
		"FAIRLEAD_NATS_ROUTES": `["nats-route://n1:6222", "nats-route://n2:6222", "nats-route://n3:6222"]`,
	})
	if o.ServerName != "n1" || o.Cluster.Name != "fairlead" || !o.JetStream || !o.SyncAlways {
		t.Errorf("name %q, cluster %q, jetstream %v, sync always %v", o.ServerName, o.Cluster.Name, o.JetStream, o.SyncAlways)
	}
	if len(o.Routes) != 3 || o.Routes[2].Host != "n3:6222" {
		t.Errorf("routes = %v", o.Routes)
	}
}

// TestTheLogThroughALeaf sets the log up on a single server and publishes from behind a
// leaf, as an agent in a closed site does.
func TestTheLogThroughALeaf(t *testing.T) {
	options := read(t, "single.conf", map[string]string{"FAIRLEAD_NATS_STORE": t.TempDir()})
	hub := start(t, options)
	js, err := jetstream.New(connect(t, hub))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Setup(within(t), js, stream.Options{Scale: 0.01}); err != nil {
		t.Fatal(err)
	}

	address := fmt.Sprintf("nats-leaf://127.0.0.1:%d", options.LeafNode.Port) // the server put the free port there
	leaf := start(t, read(t, "leaf.conf", map[string]string{"FAIRLEAD_HUB": address}))
	nc := connect(t, leaf)
	behind, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the leaf learns who answers at the hub", func() bool {
		_, err := behind.AccountInfo(within(t))
		return err == nil
	})
	log, err := stream.Open(within(t), nc, stream.Options{Scale: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	e := event.New("/operators/ann", &event.ClusterCordoned{Cluster: "eu-1"})
	e.ID = "deploy/1"
	if sequence, err := log.Publish(within(t), e); err != nil || sequence != 1 {
		t.Errorf("sequence %d, %v", sequence, err)
	}
	if err := log.Join(within(t), "eu-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(within(t), "fairlead.placements.cluster.eu-1.command.place", []byte("a command")); err != nil {
		t.Fatal(err)
	}
	receive(t, log, "eu-1")
}

// receive takes one command of a cluster; its acknowledgement is confirmed by the hub.
func receive(t *testing.T, log *stream.Log, cluster event.ClusterID) {
	t.Helper()
	commands, err := log.Commands(within(t), cluster)
	if err != nil {
		t.Fatal(err)
	}
	defer commands.Close()
	got, err := commands.Next(within(t))
	if err != nil || len(got) != 1 {
		t.Fatalf("%d commands, %v", len(got), err)
	}
	if err := got[0].Ack(within(t)); err != nil {
		t.Error(err)
	}
}

// The configuration for an open network, with the part that an authority writes: nobody
// gets in without credentials, an operator gets in and may make the log.
func TestSecureServer(t *testing.T) {
	dir := t.TempDir()
	a, err := authority.Init(filepath.Join(dir, "authority"), "acme", "ada")
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := harness.Certificate(dir)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile("../../deploy/nats/secure.conf")
	if err != nil {
		t.Fatal(err)
	}
	beside := filepath.Join(a.Dir(), "secure.conf")
	if err := os.WriteFile(beside, conf, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"STORE": filepath.Join(dir, "log"), "ACCOUNTS": filepath.Join(dir, "accounts"), "CERT": cert, "KEY": key} {
		t.Setenv("FAIRLEAD_NATS_"+name, value)
	}
	o, err := server.ProcessConfigFile(beside)
	if err != nil {
		t.Fatal(err)
	}
	o.NoSigs, o.NoLog = true, true
	s := start(t, o)
	url := "tls://" + s.Addr().String()
	if nc, err := nats.Connect(url, nats.RootCAs(cert)); err == nil {
		nc.Close()
		t.Error("somebody without credentials was let in")
	}
	nc, err := stream.Connect(t.Context(), stream.ConnConfig{URL: url, CA: cert, Creds: a.CredsFile(rights.Operator, "ada")})
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Setup(within(t), js, stream.Options{Scale: 0.01}); err != nil {
		t.Error(err)
	}
}
