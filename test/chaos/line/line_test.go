package line_test

import (
	"io"
	"net"
	"testing"
	"time"

	"fairlead.dev/test/chaos/line"
)

// echo answers every byte with itself.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
		}
	}()
	return l.Addr().String()
}

type call struct {
	*testing.T
	line *line.Line
	conn net.Conn
}

func dial(t *testing.T) *call {
	t.Helper()
	l, err := line.New(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	c, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &call{t, l, c}
}

func (c *call) say(text string) {
	c.Helper()
	if _, err := c.conn.Write([]byte(text)); err != nil {
		c.Fatal(err)
	}
}

// hear reads as much as is wanted; an empty answer means that none came in time.
func (c *call) hear(want string, within time.Duration) {
	c.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		c.Fatal(err)
	}
	got := make([]byte, max(1, len(want)))
	n, err := io.ReadFull(c.conn, got)
	if string(got[:n]) != want {
		c.Fatalf("heard %q (%v), want %q", got[:n], err, want)
	}
}

const (
	soon  = 30 * time.Second
	never = 100 * time.Millisecond // long enough for loopback to have passed it on
)

func TestPassesOn(t *testing.T) {
	c := dial(t)
	c.say("hello")
	c.hear("hello", soon)
}

// What was said while the line was silent arrives afterwards, once and in order.
func TestSilenceHoldsBack(t *testing.T) {
	for name, s := range map[string]line.State{"silent": line.Silent, "mute": {Mute: true}, "deaf": {Deaf: true}} {
		t.Run(name, func(t *testing.T) {
			c := dial(t)
			c.say("a")
			c.hear("a", soon)
			c.line.Set(s)
			c.say("bc")
			c.hear("", never)
			c.line.Set(line.State{})
			c.hear("bc", soon)
		})
	}
}

// A cut ends what is there and lets nothing new in; a mended line takes connections.
func TestCut(t *testing.T) {
	c := dial(t)
	c.say("a")
	c.hear("a", soon)
	c.line.Set(line.State{Cut: true})
	if err := c.conn.SetReadDeadline(time.Now().Add(soon)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.conn.Read(make([]byte, 1)); err == nil {
		t.Fatalf("read %d bytes over a line that is cut", n)
	}
	c.line.Set(line.State{})
	again, err := net.Dial("tcp", c.line.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	next := &call{t, c.line, again}
	next.say("b")
	next.hear("b", soon)
}
