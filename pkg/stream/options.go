package stream

import (
	"fmt"
	"log/slog"
	"time"

	"fairlead.dev/pkg/identity"
)

// Options say how the log is laid out and how patient its users are. The zero
// value of every field means its default.
type Options struct {
	Replicas int     // copies of each stream: 1 (default) or 3
	Scale    float64 // factor on the size limits of the streams; default 1, a laptop wants less

	AckTimeout   time.Duration   // how long a publish or an append waits for the store; default 10 s
	Agree        time.Duration   // how long replicas are asked again that say less than was seen of a stream; default 30 s
	PublishTries uint            // how often Publish sends one event, always under one id; default 5
	InFlight     int             // batches an Appender has in flight; default 4, always 1 with three replicas
	AsyncPending int             // events PublishAsync has in flight; default 1024
	Redeliver    []time.Duration // waits before an unacknowledged command comes again; default 45 s, 90 s, 3 min
	AckPending   int             // commands a cluster may hold unacknowledged; default 512
	Checkpoints  int             // checkpoints kept; default 5
	SkipCheck    bool            // Open does not look at the streams: for agents, whose permissions forbid it
	// Identity signs what is written and says whose events are believed; the zero value
	// does neither, which is for `fairlead dev` and tests.
	Identity identity.Identity
	Log      *slog.Logger // default slog.Default
}

func (o Options) withDefaults() Options {
	def(&o.Replicas, 1)
	def(&o.Scale, 1)
	def(&o.AckTimeout, 10*time.Second)
	def(&o.Agree, 30*time.Second) // a server that lost the others leads on for ten seconds at most
	def(&o.PublishTries, 5)
	def(&o.InFlight, 4)
	def(&o.AsyncPending, 1024)
	def(&o.AckPending, 512)
	def(&o.Checkpoints, 5)
	if len(o.Redeliver) == 0 {
		o.Redeliver = []time.Duration{45 * time.Second, 90 * time.Second, 3 * time.Minute}
	}
	if o.Replicas > 1 {
		o.InFlight = 1 // see append.go: only one replica can check the fence of batches in flight
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Validate says what no server would accept, in words.
func (o Options) Validate() error {
	o = o.withDefaults()
	switch {
	case o.Replicas != 1 && o.Replicas != 3:
		return fmt.Errorf("replicas %d: want 1 or 3", o.Replicas)
	case o.Scale <= 0:
		return fmt.Errorf("scale %g: want more than 0", o.Scale)
	case o.InFlight < 1 || o.InFlight > maxInFlight:
		return fmt.Errorf("batches in flight %d: want 1 to %d", o.InFlight, maxInFlight)
	case o.AsyncPending < 1 || o.AckPending < 1 || o.Checkpoints < 1:
		return fmt.Errorf("pending events %d, pending commands %d, checkpoints %d: want at least 1 each",
			o.AsyncPending, o.AckPending, o.Checkpoints)
	}
	return nil
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
