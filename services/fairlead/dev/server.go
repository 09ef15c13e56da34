package dev

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	defaultPort = 4222 // the port every NATS client tries
	lastPort    = 4322
	startWithin = 10 * time.Second

	// maxStore lets the streams be made with the same limits as in production, which
	// add up to 25 GiB; nobody fills them here.
	maxStore = 64 << 30
)

// startServer starts the embedded server on loopback. Everything it stores is synced
// before it is acknowledged, as placement's promises need.
func startServer(port int, dir string, log *slog.Logger) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "fairlead-dev",
		Host:       "127.0.0.1", Port: port,
		JetStream: true, StoreDir: dir, SyncAlways: true, JetStreamMaxStore: maxStore,
		NoSigs: true, DisableShortFirstPing: true,
	})
	if err != nil {
		return nil, fmt.Errorf("configure the NATS server: %w", err)
	}
	heard := &serverLog{log: log}
	s.SetLogger(heard, false, false)
	s.Start()
	if !s.ReadyForConnections(startWithin) {
		s.Shutdown()
		return nil, fmt.Errorf("the NATS server did not start: %w", errors.Join(heard.failures...))
	}
	return s, nil
}

// freePort gives the wanted port if it is free; without a wish the default one or
// the next that is free.
func freePort(wanted int) (int, error) {
	if wanted != 0 {
		if err := tryPort(wanted); err != nil {
			return 0, fmt.Errorf("port %d cannot be used: %v", wanted, err) // not wrapped: nothing that was asked for is unreachable
		}
		return wanted, nil
	}
	for port := defaultPort; port <= lastPort; port++ {
		if tryPort(port) == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port from %d to %d is free", defaultPort, lastPort)
}

func tryPort(port int) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return l.Close()
}

// serverLog passes the server's words on: its ordinary ones concern nobody here.
type serverLog struct {
	log      *slog.Logger
	failures []error
}

func (l *serverLog) Noticef(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}
func (l *serverLog) Debugf(format string, v ...any) {
	l.log.Debug("nats: " + fmt.Sprintf(format, v...))
}
func (l *serverLog) Tracef(format string, v ...any) {}
func (l *serverLog) Warnf(format string, v ...any)  { l.log.Info("nats: " + fmt.Sprintf(format, v...)) }
func (l *serverLog) Errorf(format string, v ...any) { l.log.Warn("nats: " + fmt.Sprintf(format, v...)) }

// Fatalf is how the server says why it could not start; the process goes on.
func (l *serverLog) Fatalf(format string, v ...any) {
	l.failures = append(l.failures, fmt.Errorf(format, v...))
}
