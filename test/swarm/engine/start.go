package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"
	"golang.org/x/sys/unix"
)

// patience is how long a swarm may take to become what it should be.
const patience = 2 * time.Minute

// Swarm is a running swarm. Its first node is the only manager.
type Swarm struct {
	Image string // ID of the image of cmd/task, on every node

	dir    string
	nodes  int
	tell   io.WriteCloser // to the process inside
	inside *exec.Cmd
}

// Missing says why no swarm can be started here; "" if one can.
func Missing() string {
	if os.Geteuid() != 0 {
		return "Docker's engine needs root"
	}
	if !mayUnshare() {
		return "Docker's engine needs CAP_SYS_ADMIN, which this root does not have"
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		return "there is no dockerd: install Debian's package docker.io"
	}
	return ""
}

// mayUnshare says whether this process may make namespaces.
func mayUnshare() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var held [2]unix.CapUserData
	err := unix.Capget(&header, &held[0])
	return err == nil && held[0].Effective&(1<<unix.CAP_SYS_ADMIN) != 0
}

// Start starts a swarm of n nodes, which ends with the test. It skips the test where Missing says why.
func Start(t testing.TB, n int) *Swarm {
	t.Helper()
	if why := Missing(); why != "" {
		t.Skipf("SKIPPED, no real swarm: %s", why)
	}
	s, err := start(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.lastWords())
		}
		s.stop()
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.join(ctx); err != nil {
		t.Fatalf("start a swarm: %v\n%s", err, s.lastWords())
	}
	return s
}

func start(n int) (*Swarm, error) {
	dir, err := os.MkdirTemp("", "fl-swarm-") // short: it holds Unix sockets
	if err != nil {
		return nil, fmt.Errorf("make a folder for the swarm: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the test binary: %w", err)
	}
	s := &Swarm{dir: dir, nodes: n, inside: exec.Command(self)}
	s.inside.Env = append(os.Environ(), insideVariable+"="+dir)
	s.inside.Stderr = os.Stderr
	s.inside.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC,
	}
	if s.tell, err = s.inside.StdinPipe(); err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	if err := s.inside.Start(); err != nil {
		return nil, fmt.Errorf("start the engines' namespaces: %w", err)
	}
	for node := range n {
		if err := s.StartNode(node); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// stop ends the process inside, and with it everything.
func (s *Swarm) stop() {
	_ = s.inside.Process.Kill() // it may have ended
	_ = s.inside.Wait()
	removeCgroups(filepath.Base(s.dir))
	_ = os.RemoveAll(s.dir)
}

// StartNode starts a node's engine, again perhaps; it returns before the engine answers.
func (s *Swarm) StartNode(node int) error { return s.say("start", node) }

// KillNode kills a node's engine and all that runs on it, as a power cut would.
func (s *Swarm) KillNode(node int) error { return s.say("kill", node) }

func (s *Swarm) say(what string, node int) error {
	if _, err := fmt.Fprintln(s.tell, what, node); err != nil {
		return fmt.Errorf("tell the engines' process to %s %d: %w", what, node, err)
	}
	return nil
}

// Host is the URL of a node's API.
func (s *Swarm) Host(node int) string { return "unix://" + s.Socket(node) }

// Socket is the path of a node's API.
func (s *Swarm) Socket(node int) string { return filepath.Join(nodeDir(s.dir, node), "api") }

// Client is a client of a node's API.
func (s *Swarm) Client(t testing.TB, node int) *client.Client {
	t.Helper()
	c, err := client.New(client.WithHost(s.Host(node)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// join makes one swarm of the engines, and gives every node the image.
func (s *Swarm) join(ctx context.Context) error {
	image, err := makeImage(ctx, s.dir)
	if err != nil {
		return err
	}
	s.Image = image.id
	var tokens swarm.JoinTokens
	for node := range s.nodes {
		api, err := client.New(client.WithHost(s.Host(node)))
		if err != nil {
			return err
		}
		defer api.Close()
		if err := answers(ctx, api); err != nil {
			return fmt.Errorf("node %d: %w", node, err)
		}
		if node == 0 {
			tokens, err = lead(ctx, api)
		} else {
			_, err = api.SwarmJoin(ctx, client.SwarmJoinOptions{
				ListenAddr: address(node) + ":2377", AdvertiseAddr: address(node), RemoteAddrs: []string{address(0) + ":2377"}, JoinToken: tokens.Worker,
			})
		}
		if err != nil {
			return fmt.Errorf("node %d: %w", node, err)
		}
		if err := image.load(ctx, api); err != nil {
			return fmt.Errorf("node %d: %w", node, err)
		}
	}
	return s.ready(ctx)
}

func lead(ctx context.Context, api *client.Client) (swarm.JoinTokens, error) {
	_, err := api.SwarmInit(ctx, client.SwarmInitOptions{ListenAddr: address(0) + ":2377", AdvertiseAddr: address(0)})
	if err != nil {
		return swarm.JoinTokens{}, fmt.Errorf("make a swarm: %w", err)
	}
	made, err := api.SwarmInspect(ctx, client.SwarmInspectOptions{})
	if err != nil {
		return swarm.JoinTokens{}, fmt.Errorf("read the swarm: %w", err)
	}
	return made.Swarm.JoinTokens, nil
}

// ready waits until every node is.
func (s *Swarm) ready(ctx context.Context) error {
	api, err := client.New(client.WithHost(s.Host(0)))
	if err != nil {
		return err
	}
	defer api.Close()
	return until(ctx, func() error {
		nodes, err := api.NodeList(ctx, client.NodeListOptions{})
		if err != nil {
			return err
		}
		n := 0
		for _, node := range nodes.Items {
			if node.Status.State == swarm.NodeStateReady {
				n++
			}
		}
		if n < s.nodes {
			return fmt.Errorf("%d of %d nodes are ready", n, s.nodes)
		}
		return nil
	})
}

func answers(ctx context.Context, api *client.Client) error {
	return until(ctx, func() error {
		_, err := api.Ping(ctx, client.PingOptions{})
		return err
	})
}

// until repeats a check until it passes or ctx ends, and gives its last error.
func until(ctx context.Context, check func() error) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := check()
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

func address(node int) string { return fmt.Sprintf("127.0.0.%d", node+1) }

func nodeDir(dir string, node int) string { return filepath.Join(dir, fmt.Sprint(node)) }
