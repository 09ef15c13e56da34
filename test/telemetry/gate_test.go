package telemetry

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// gate stands before a server: connections are taken, and nothing passes before it is
// open.
type gate struct {
	url    string
	open   func()
	opened chan struct{}
	to     string
}

// newGate has several doors to one server: a client that gives up on one tries the next.
func newGate(t *testing.T, to string) *gate {
	t.Helper()
	g := &gate{opened: make(chan struct{}), to: to}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	var work sync.WaitGroup
	t.Cleanup(work.Wait)
	t.Cleanup(g.open) // before the wait: what still waits ends
	var doors []string
	for range 4 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		doors = append(doors, "nats://"+l.Addr().String())
		work.Go(func() { g.serve(l, &work) })
	}
	g.url = strings.Join(doors, ",")
	return g
}

func (g *gate) serve(l net.Listener, work *sync.WaitGroup) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed: the test is over
		}
		work.Go(func() { g.pass(c) })
	}
}

// pass connects both sides until one of them ends.
func (g *gate) pass(c net.Conn) {
	defer c.Close()
	<-g.opened
	s, err := net.Dial("tcp", g.to)
	if err != nil {
		return
	}
	defer s.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(s, c)
		_ = s.Close()
	}()
	_, _ = io.Copy(c, s)
	_ = c.Close()
	<-done
}
