package placement

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
	signing "fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
)

// Config is everything the service can be told. Defaults fills what is zero.
type Config struct {
	// Instance names this process in epoch records and event sources; a DNS label.
	Instance string
	// Connect says how to reach the log. Not used when Conn is given.
	Connect stream.ConnConfig
	// Conn is a connection to use instead; it is not closed.
	Conn *nats.Conn
	// Identity signs records and says whose facts are believed; Run takes it from the
	// credentials of Connect. The zero value, of `fairlead dev`, does neither.
	Identity signing.Identity

	// Scheduler holds the rules of the core, the tick period among them; the zero value
	// means scheduler.DefaultConfig. The epoch records it: it holds from there on, for
	// everybody who folds the log.
	Scheduler scheduler.Config
	// AppendTimeout is how long an append may stay unanswered before the log's tail
	// is read to learn what became of it.
	AppendTimeout time.Duration
	// BatchMessages closes a batch; never more than 1000, the server's own limit.
	BatchMessages int
	// BatchBytes closes a batch too; headers and data of its messages.
	BatchBytes int
	// Replicas is how many copies the streams have: 1 or 3. With three, one batch is in
	// flight at a time.
	Replicas int
	// InFlight is how many batches are appended before the first is acknowledged.
	InFlight int
	// CheckpointRecords and CheckpointEvery say when a checkpoint is saved: after so
	// many records, or after that time if there is anything new.
	CheckpointRecords uint64
	CheckpointEvery   time.Duration

	// SteerEvery is how often a steering plan is made where clusters have prices.
	SteerEvery time.Duration

	// TakeoverAfter is how long nobody may be seen to lead before a standby claims the
	// lead: it takes so long where the server knows that nobody is there, and twice as long
	// where a leader does not answer. StuckAfter is the same for one that answers and does
	// not get on. They are hints, and measured on the standby's own monotonic clock.
	TakeoverAfter time.Duration
	StuckAfter    time.Duration
	// ProbeEvery is how often a standby asks for a sign of life.
	ProbeEvery time.Duration
	// LeadBackwards lets an instance lead whose engine is older than that of the last
	// epoch.
	LeadBackwards bool

	// Grace is how long an orderly stop may take.
	Grace time.Duration

	// AdoptLog takes the log as it is, even where checkpoints or earlier epochs say
	// that it held more. See the package documentation.
	AdoptLog bool
	// Log gets a line when something changes; slog.Default when nil.
	Log *slog.Logger
	// Telemetry is told of decisions, appends and facts; the zero value is nobody.
	Telemetry telemetry.Providers
	// Ready is told whether the service leads and its appends succeed; nil for nobody.
	Ready func(ready bool, why string)
	// RoomEvery is how often the leader looks how near the streams are to their limits.
	RoomEvery time.Duration
	// Warn is told what these limits will do, each time that changes; nil for nobody.
	Warn func(warnings []string)
	// Hot is told whether a standby has folded all that it read; nil for nobody.
	Hot func(hot bool, why string)
}

// Defaults gives c with the usual values where it has none.
func (c Config) Defaults() Config {
	set(&c.Instance, "placement")
	set(&c.Scheduler, scheduler.DefaultConfig())
	set(&c.AppendTimeout, 5*time.Second)
	set(&c.BatchMessages, maxBatch)
	set(&c.BatchBytes, 8<<20)
	set(&c.InFlight, 4)
	set(&c.Replicas, 1)
	set(&c.CheckpointRecords, 200_000)
	set(&c.CheckpointEvery, 5*time.Minute)
	set(&c.SteerEvery, 10*time.Second)
	set(&c.TakeoverAfter, time.Second)
	set(&c.StuckAfter, 10*time.Second)
	set(&c.ProbeEvery, 250*time.Millisecond)
	set(&c.Grace, 10*time.Second)
	set(&c.RoomEvery, 15*time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Ready == nil {
		c.Ready = func(bool, string) {}
	}
	if c.Warn == nil {
		c.Warn = func([]string) {}
	}
	if c.Hot == nil {
		c.Hot = func(bool, string) {}
	}
	return c
}

func set[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}

// Validate says everything that is wrong with c, after Defaults.
func (c Config) Validate() error {
	var errs []error
	if err := event.CheckName(c.Instance); err != nil {
		errs = append(errs, fmt.Errorf("instance: %w", err))
	}
	if c.BatchMessages < 1 || c.BatchMessages > maxBatch {
		errs = append(errs, fmt.Errorf("batch messages %d: want 1 to %d", c.BatchMessages, maxBatch))
	}
	if c.InFlight < 1 || c.InFlight > 16 {
		errs = append(errs, fmt.Errorf("in flight %d: want 1 to 16", c.InFlight))
	}
	if c.Replicas != 1 && c.Replicas != 3 {
		errs = append(errs, fmt.Errorf("replicas %d: want 1 or 3", c.Replicas))
	}
	if c.BatchBytes < 1<<20 {
		errs = append(errs, fmt.Errorf("batch bytes %d: want at least one message of 1 MiB", c.BatchBytes))
	}
	errs = append(errs, c.Scheduler.Rules().Validate())
	for name, d := range map[string]time.Duration{"append timeout": c.AppendTimeout, "checkpoint every": c.CheckpointEvery, "steer every": c.SteerEvery, "grace": c.Grace,
		"takeover after": c.TakeoverAfter, "stuck after": c.StuckAfter, "probe every": c.ProbeEvery, "room every": c.RoomEvery} {
		if d < time.Millisecond {
			errs = append(errs, fmt.Errorf("%s %s: want at least a millisecond", name, d))
		}
	}
	return errors.Join(errs...)
}
