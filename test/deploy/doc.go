// Package deploy holds what deploy/ promises against the real thing: NATS configurations
// are read by the server's own parser, started, and used through package stream; unit
// and compose files are read as systemd and compose would.
package deploy
