package agent

import (
	"context"

	"github.com/nats-io/nats.go"
)

// Online tells when the connection is lost (false) and when it is back (true), until
// the context ends: for Config.Online.
func Online(ctx context.Context, nc *nats.Conn) <-chan bool {
	status := nc.StatusChanged(nats.CONNECTED, nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	up := make(chan bool)
	go func() {
		defer nc.RemoveStatusListener(status)
		for {
			select {
			case <-ctx.Done():
				return
			case s, open := <-status:
				if !open {
					return
				}
				select {
				case up <- s == nats.CONNECTED:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return up
}
