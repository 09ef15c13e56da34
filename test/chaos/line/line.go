// Package line is a TCP line between two processes that can be cut, muted or slowed at
// any moment: a network with faults, for programs that cannot be given one of their own.
// It must never change, drop or reorder a byte of a connection that lives: TCP does not
// either. Begin reading at Line.Set.
package line

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// State is how a line behaves; the zero value passes everything on.
type State struct {
	Cut   bool          // connections are reset, and new ones refused
	Deaf  bool          // nothing of the far end reaches the near one; nobody is told
	Mute  bool          // nothing of the near end reaches the far one; nobody is told
	Delay time.Duration // of every piece, in both directions
}

// Silent passes nothing on and tells nobody, as a network does that drops packets.
var Silent = State{Deaf: true, Mute: true}

// Line listens on a loopback port and passes every connection on.
type Line struct {
	listener net.Listener
	to       string

	mu      sync.Mutex
	state   State
	changed chan struct{} // closed when the state changes
	open    map[net.Conn]struct{}
}

// New gives a line to an address, host and port. Close ends it.
func New(to string) (*Line, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("line to %s: %w", to, err)
	}
	l := &Line{listener: listener, to: to, changed: make(chan struct{}), open: map[net.Conn]struct{}{}}
	go l.serve()
	return l, nil
}

// Address is where the near end connects to, host and port.
func (l *Line) Address() string { return l.listener.Addr().String() }

// Set changes how the line behaves from now on, for connections that exist as well. What
// was held back while the line was silent is passed on once it is not, in order.
func (l *Line) Set(s State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = s
	close(l.changed)
	l.changed = make(chan struct{})
	if s.Cut {
		l.reset()
	}
}

// Close ends the line and every connection over it.
func (l *Line) Close() {
	_ = l.listener.Close()
	l.Set(State{Cut: true})
}

// reset ends all connections as a cut does: with a reset, not with an orderly end.
func (l *Line) reset() {
	for c := range l.open { // all of them: the order does not matter
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	clear(l.open)
}

func (l *Line) serve() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.join(near)
	}
}

// join passes one connection on until one of its ends is gone.
func (l *Line) join(near net.Conn) {
	if !l.keep(near) {
		return
	}
	defer l.forget(near)
	if !l.pass(func(s State) bool { return s.Deaf || s.Mute }) {
		return // the far end would be told of a connection that nothing can come over
	}
	far, err := net.DialTimeout("tcp", l.to, 2*time.Second)
	if err != nil || !l.keep(far) {
		return
	}
	defer l.forget(far)
	ended := make(chan struct{}, 2)
	go l.pump(far, near, func(s State) bool { return s.Mute }, ended)
	go l.pump(near, far, func(s State) bool { return s.Deaf }, ended)
	<-ended
}

// keep notes a connection; false if the line is cut.
func (l *Line) keep(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.Cut {
		_ = c.Close()
		return false
	}
	l.open[c] = struct{}{}
	return true
}

func (l *Line) forget(c net.Conn) {
	_ = c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
}

// pump copies one direction.
func (l *Line) pump(to, from net.Conn, stopped func(State) bool, ended chan<- struct{}) {
	defer func() { ended <- struct{}{} }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && l.pass(stopped) {
			_, wrong := to.Write(buffer[:n])
			if wrong != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits until a direction is open, and as long as it takes; false if the line was
// cut meanwhile.
func (l *Line) pass(stopped func(State) bool) bool {
	for {
		l.mu.Lock()
		s, changed := l.state, l.changed
		l.mu.Unlock()
		switch {
		case s.Cut:
			return false
		case !stopped(s):
			if s.Delay > 0 {
				time.Sleep(s.Delay)
			}
			return true
		}
		<-changed
	}
}
