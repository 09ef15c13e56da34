package harness

import (
	"errors"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Synced are the options of a server with JetStream over a folder, where every write
// is synced, on a port of the loopback interface; server.RANDOM_PORT takes a free one. The
// limits of the streams together are more than a small disk has free, and no test fills
// them: the server is told that there is room.
func Synced(dir string, port int) *server.Options {
	return guest(&server.Options{Port: port, StoreDir: dir, JetStream: true, SyncAlways: true, JetStreamMaxStore: 64 << 30})
}

// guest makes o those of a server inside a test: on the loopback interface, without a
// log and without a hand on the process's signals.
func guest(o *server.Options) *server.Options {
	o.Host, o.NoLog, o.NoSigs = "127.0.0.1", true, true
	return o
}

// Serve starts a server as a guest of this process. It returns when the server takes
// connections; the caller ends it with End.
func Serve(o *server.Options) (*server.Server, error) {
	s, err := server.NewServer(guest(o))
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		End(s)
		return nil, errors.New("the server is not ready")
	}
	return s, nil
}

// End ends a server and waits until it has.
func End(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}
