package stream_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fairlead.dev/pkg/stream"
	"fairlead.dev/pkg/stream/streamtest"
)

// deaf opens a log on a server, given by host and port, through a line that loses the next answers to a publish.
func deaf(t *testing.T, server string, answers int) streamtest.Log {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	line := &line{to: server}
	go line.serve(listener)
	o := contractOptions
	o.AckTimeout = time.Second
	nc := connect(t, "nats://"+listener.Addr().String())
	l, err := stream.Open(t.Context(), nc, o)
	must(t, err)
	line.lose.Store(int64(answers))
	t.Cleanup(func() {
		if left := line.lose.Load(); left > 0 {
			t.Errorf("%d answers were not lost", left)
		}
	})
	return l
}

// line passes a connection on, except for some answers to a publish.
type line struct {
	to   string
	lose atomic.Int64
}

func (l *line) serve(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.to)
		if err != nil {
			_ = client.Close()
			return
		}
		go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
		go func() { _ = l.answers(server, client); _ = client.Close() }()
	}
}

// answers passes on what the server says, one operation of the protocol at a time.
func (l *line) answers(server io.Reader, client io.Writer) error {
	from := bufio.NewReader(server)
	for {
		head, err := from.ReadString('\n')
		if err != nil {
			return err
		}
		body := make([]byte, bodySize(head))
		if _, err := io.ReadFull(from, body); err != nil {
			return err
		}
		if isAck(body) && l.lose.Add(-1) >= 0 {
			continue
		}
		if _, err := fmt.Fprintf(client, "%s%s", head, body); err != nil {
			return err
		}
	}
}

// bodySize is what follows MSG and HMSG, whose last field counts it without its end of line.
func bodySize(head string) int {
	fields := strings.Fields(head)
	if len(fields) == 0 || fields[0] != "MSG" && fields[0] != "HMSG" {
		return 0
	}
	n, err := strconv.Atoi(fields[len(fields)-1])
	if err != nil {
		panic("no size in " + head)
	}
	return n + 2
}

func isAck(body []byte) bool { return bytes.HasPrefix(body, []byte(`{"stream":"INTENTS"`)) }
