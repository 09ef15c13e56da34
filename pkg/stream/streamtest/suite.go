package streamtest

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Log is what both logs do.
type Log interface {
	Publish(context.Context, event.Event) (uint64, error)
	PublishAsync(context.Context, event.Event) (*stream.Pending, error)
	PublishAll(context.Context, []event.Event) ([]uint64, error)
	State(context.Context, event.Stream) (stream.StreamState, error)
	Limit(event.Stream) int
	Expect(ctx context.Context, s event.Stream, incarnation string, seen uint64) error
	Read(ctx context.Context, s event.Stream, from uint64, filter ...string) (*stream.Reader, error)
	Tail(ctx context.Context, s event.Stream, from uint64) ([]stream.Message, error)
	Appender(last uint64) *stream.Appender
	Join(context.Context, event.ClusterID) error
	Leave(context.Context, event.ClusterID) error
	Commands(context.Context, event.ClusterID) (*stream.Commands, error)
	SaveCheckpoint(context.Context, stream.Checkpoint) error
	Checkpoints(context.Context) iter.Seq2[stream.Checkpoint, error]
	DropCheckpoints(ctx context.Context, drop func(stream.Checkpoint) bool) (int, error)
	Clock(context.Context, event.Stream) (*stream.Clock, error)
	DeadLetter(ctx context.Context, m stream.Message, reason string) error
	Letters(context.Context) iter.Seq2[stream.Letter, error]
	LetterCounts(context.Context) (map[string]int, error)
	Letter(ctx context.Context, number uint64) (stream.Letter, stream.Message, error)
	Replay(ctx context.Context, number uint64) (uint64, error)
	RemoveLetter(ctx context.Context, number uint64) error
}

var (
	_ Log = (*stream.Log)(nil)
	_ Log = (*stream.Memory)(nil)
)

// Subject is a log under test, with the hands on its store that some scenarios
// need.
type Subject struct {
	Log
	Purge    func(s event.Stream, through uint64)    // removes the records up to and including one
	Recreate func(s event.Stream)                    // makes the stream anew, empty
	Damage   func(placements uint64) (found bool)    // changes a byte of a stored checkpoint
	Store    func(subject string, data []byte) error // stores what no publisher of ours would
	Deaf     func(answers int) Log                   // the same log, to which the next answers to a publish are lost
}

// Redeliver is what a subject's options must say, so that the suite sees commands
// come again.
var Redeliver = []time.Duration{300 * time.Millisecond}

// Checkpoints is how many a subject's options must keep.
const Checkpoints = 3

// InFlight is how many batches a subject's appenders must have in flight.
const InFlight = 4

// Run holds the logs that make gives, a fresh one each time, to the contract.
func Run(t *testing.T, fresh func(*testing.T) Subject) {
	for _, s := range []struct {
		name string
		run  func(*testing.T, Subject)
	}{
		{"publish gives sequences", publishGivesSequences},
		{"publish dedupes by source and id", publishDedupes},
		{"publish async", publishAsync},
		{"publish too large", publishTooLarge},
		{"publish all in order", publishAll},
		{"publish all but what is known", publishAllAgain},
		{"publish all of several streams", publishAllStreams},
		{"publish all or say which is too large", publishAllTooLarge},
		{"publish all when an answer is lost", publishAllDeaf},
		{"read from the beginning, a place and the end", readFrom},
		{"read waits", readWaits},
		{"read filtered", readFiltered},
		{"read in batches", readBatches},
		{"read after purge is a gap", readGap},
		{"state after a purge", stateAfterPurge},
		{"read beyond the end is a roll-back", readBeyond},
		{"read a stream made anew", readRecreated},
		{"tail", tail},
		{"append a chain", appendChain},
		{"append pipelined", appendPipelined},
		{"append after a foreign one", appendMoved},
		{"append fails all that is behind", appendBehind},
		{"append between two writers", appendRivals},
		{"append fenced by the epoch", appendFenced},
		{"append fenced by a record that is gone", appendFenceGone},
		{"append all or nothing", appendAtomic},
		{"append what is no batch", appendBounds},
		{"append again what another cut", appendAgain},
		{"append the same messages while they are in flight", appendReused},
		{"commands in order until acknowledged", commandsOrder},
		{"commands come again", commandsAgain},
		{"commands to the next agent", commandsHandover},
		{"commands of one cluster", commandsOwn},
		{"commands without a channel", commandsAbsent},
		{"checkpoints newest first", checkpointsNewest},
		{"checkpoints damaged", checkpointsDamaged},
		{"checkpoints dropped", checkpointsDropped},
		{"the clock of the store", clock},
		{"dead letters are kept once", lettersOnce},
		{"dead letters as they were", lettersWhole},
		{"dead letters replayed", lettersReplay},
		{"dead letters removed", lettersRemoved},
		{"dead letters of the hostile", lettersHostile},
	} {
		t.Run(s.name, func(t *testing.T) { s.run(t, fresh(t)) })
	}
}

// within bounds a scenario: what does not happen in time has failed.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// cordon is an event of INTENTS with an id.
func cordon(cluster event.ClusterID, id string) event.Event {
	e := event.New("/operators/test", &event.ClusterCordoned{Cluster: cluster, Reason: id})
	e.ID = id
	return e
}

const epoch = "fairlead.placements.fleet.placement.epoch.started"

// records are messages of PLACEMENTS for a cluster, told apart by their data.
func records(cluster event.ClusterID, from, count int) []*nats.Msg {
	var all []*nats.Msg
	for i := range count {
		m := nats.NewMsg(fmt.Sprintf("fairlead.placements.cluster.%s.command.place", cluster))
		m.Data = fmt.Append(nil, from+i)
		all = append(all, m)
	}
	return all
}

func epochRecord(who string) []*nats.Msg {
	m := nats.NewMsg(epoch)
	m.Data = []byte(who)
	return []*nats.Msg{m}
}

// collect reads until it has n records.
func collect(t *testing.T, ctx context.Context, r *stream.Reader, n int) []stream.Message {
	t.Helper()
	var all []stream.Message
	for len(all) < n {
		batch, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("after %d of %d records: %v", len(all), n, err)
		}
		all = append(all, batch...)
	}
	equal(t, "records", len(all), n)
	return all
}

// bodies joins the data of records.
func bodies(messages []stream.Message) string {
	var s string
	for _, m := range messages {
		s += string(m.Data) + " "
	}
	return s
}
