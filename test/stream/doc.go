// Package stream runs the contract of the log (pkg/stream/streamtest) against a real
// JetStream server, and what only a real one can show: restarts, kills, replicas. It
// holds tests alone.
package stream
