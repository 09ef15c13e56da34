package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/chaos/line"
)

// nodes is how many servers there are, and copies of each stream.
const nodes = 3

// broker is the cluster of servers and every line between them.
type broker struct {
	servers [nodes]*process
	stores  [nodes]string
	clients [nodes]string            // where clients connect to, host and port
	routes  [nodes][nodes]*line.Line // from, to; nil to itself
	disks   [nodes]*disk             // nil where it has none of its own
}

// The settings are those of deploy/nats/cluster.conf, but for addresses. What servers tell
// each other of further servers leads nowhere: every route must go over its line.
const serverConfig = `
server_name: n%d
listen: "%s"
cluster {
  name: fairlead
  listen: "%s"
  advertise: "%s"
  no_advertise: true
  routes: [%s]
}
jetstream {
  domain: hub
  store_dir: %q
  sync_interval: always
  max_file_store: 8GB
  max_memory_store: 64MB
}
`

// nowhere is where what servers tell each other of further servers leads.
const nowhere = "127.0.0.1:1"

// direct are routes past every line, for whoever reads what is left of a run.
func direct(ports []string) string {
	return `"nats-route://` + strings.Join(ports, `", "nats-route://`) + `"`
}

func newBroker(dir, binary string) (*broker, error) {
	b := &broker{}
	ports, err := freePorts(2 * nodes)
	if err != nil {
		return nil, err
	}
	for i := range nodes {
		b.clients[i] = ports[i]
		b.stores[i] = filepath.Join(dir, fmt.Sprintf("n%d", i+1))
		if err := os.MkdirAll(b.stores[i], 0o700); err != nil {
			return nil, err
		}
		for j := range nodes {
			if i == j {
				continue
			}
			if b.routes[i][j], err = line.New(ports[nodes+j]); err != nil {
				return nil, err
			}
		}
	}
	for i := range nodes {
		name := fmt.Sprintf("n%d", i+1)
		file := filepath.Join(dir, name+".conf")
		lines := fmt.Sprintf(serverConfig, i+1, b.clients[i], ports[nodes+i], nowhere, b.routesOf(i), b.stores[i])
		past := fmt.Sprintf(serverConfig, i+1, b.clients[i], ports[nodes+i], ports[nodes+i], direct(ports[nodes:]), b.stores[i])
		if err := errors.Join(os.WriteFile(file, []byte(lines), 0o600), os.WriteFile(filepath.Join(dir, name+"-read.conf"), []byte(past), 0o600)); err != nil {
			return nil, err
		}
		b.servers[i] = newProcess(dir, name, binary, "-c", file)
	}
	return b, nil
}

func (b *broker) routesOf(i int) string {
	var all []string
	for j := range nodes {
		if i != j {
			all = append(all, fmt.Sprintf("%q", "nats-route://"+b.routes[i][j].Address()))
		}
	}
	return strings.Join(all, ", ")
}

// freePorts asks the system: every server must know all addresses before one starts.
func freePorts(n int) ([]string, error) {
	var all []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		all = append(all, l.Addr().String())
	}
	return all, nil
}

func (b *broker) start() error {
	for _, s := range b.servers {
		if err := s.start(); err != nil {
			return err
		}
	}
	return nil
}

// url is for who must not be disturbed.
func (b *broker) url() string {
	return "nats://" + strings.Join(b.clients[:], ",nats://")
}

// link is every line of one process to the servers.
type link [nodes]*line.Line

func (b *broker) link() (*link, error) {
	l := &link{}
	for i, to := range b.clients {
		var err error
		if l[i], err = line.New(to); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *link) url() string {
	var all []string
	for _, one := range l {
		all = append(all, "nats://"+one.Address())
	}
	return strings.Join(all, ",")
}

func (l *link) set(s line.State) {
	for _, one := range l {
		one.Set(s)
	}
}

// isolate sets what passes between one server and the others.
func (b *broker) isolate(i int, s line.State) {
	for j := range nodes {
		if i != j {
			b.between(i, j, s)
		}
	}
}

// between sets what passes between two servers. Deaf and mute are meant of i.
func (b *broker) between(i, j int, s line.State) {
	b.routes[i][j].Set(s)
	s.Deaf, s.Mute = s.Mute, s.Deaf
	b.routes[j][i].Set(s)
}

// head is the server that leads PLACEMENTS, as far as it can be learnt; otherwise is
// given back where it cannot.
func (b *broker) head(ctx context.Context, js jetstream.JetStream, otherwise int) int {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	s, err := js.Stream(ctx, string(event.Placements))
	if err != nil || s.CachedInfo().Cluster == nil {
		return otherwise
	}
	for i, p := range b.servers {
		if p.name == s.CachedInfo().Cluster.Leader {
			return i
		}
	}
	return otherwise
}
