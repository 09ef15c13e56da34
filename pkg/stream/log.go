package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
)

// Message is a record as it stands in a stream.
type Message struct {
	Subject string
	Header  nats.Header
	Data    []byte
	At      event.At
	trust   *identity.Trust // of whoever read it; nil believes everything
}

// Event decodes the record and checks it: what it says, and whether its signer may say it.
// This is where a message becomes an event, for every reader. The verdict hangs on the
// record alone. The error is an *event.Invalid.
func (m Message) Event() (event.Event, error) {
	e, err := event.Decode(m.Subject, m.Header, m.Data, m.At)
	if err == nil {
		err = m.trust.Check(e, m.Subject, m.Header, m.Data)
	}
	if err != nil {
		return event.Event{}, err
	}
	return e, nil
}

// StreamState is where a stream begins and ends.
type StreamState struct {
	First, Last     uint64    // sequences; First is Last+1 when nothing is kept
	Messages, Bytes uint64    // what is kept
	Oldest, Stored  time.Time // when the first and the last record were stored; zero when nothing is kept
	Bounds          Bounds    // what limits the stream
	Incarnation     string    // changes when the stream is created anew; a subject token
	Lineage         Lineage   // of a stream that was restored from a backup

	end uint64 // see End; 0 where it is Last
}

// Log is the log over JetStream. It is safe for concurrent use.
type Log struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	o       Options
	appends *acks         // of batches
	events  *acks         // of PublishAsync
	room    chan struct{} // for its events in flight
	bulks   chan struct{} // held by each open batch of PublishAll

	incarnations sync.Map // event.Stream → string, as last read
	horizon      *horizon
}

// Identity is who writes and whom it believes; zero where nothing is signed.
func (l *Log) Identity() identity.Identity { return l.o.Identity }

// Open gives the log over a connection and checks that all of it exists. What
// differs from the topology is logged, not refused.
func Open(ctx context.Context, nc *nats.Conn, o Options) (*Log, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("stream options: %w", err)
	}
	o = o.withDefaults()
	prefix := cmp.Or(o.Identity.API, jetstream.DefaultAPIPrefix)
	js, err := jetstream.NewWithAPIPrefix(nc, prefix, jetstream.WithDefaultTimeout(o.AckTimeout))
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	l := &Log{nc: nc, js: js, o: o, room: make(chan struct{}, o.AsyncPending), bulks: make(chan struct{}, bulkOpen), horizon: newHorizon(o.Agree)}
	if l.appends, err = newAcks(nc, o.AckTimeout, maxInFlight); err != nil {
		return nil, err
	}
	if l.events, err = newAcks(nc, o.AckTimeout, o.AsyncPending); err != nil {
		return nil, err
	}
	if o.SkipCheck {
		return l, nil
	}
	return l, l.check(ctx)
}

func (l *Log) check(ctx context.Context) error {
	report, err := Check(ctx, l.js, l.o)
	if err != nil {
		return fmt.Errorf("check the log: %w", err)
	}
	if !report.Ready() {
		return absent(report.missing())
	}
	for _, p := range report.Parts {
		if len(p.Differences) > 0 {
			l.o.Log.Warn("stream has other settings", "stream", p.Name, "settings", p.verdict())
		}
	}
	return nil
}

// State asks the leader of the stream where it begins and ends, each time for as long as
// an acknowledgement may take. Where replicas say that it ends before what this log was
// shown of it, they are asked again until they agree that it does.
func (l *Log) State(ctx context.Context, s event.Stream) (StreamState, error) {
	return l.horizon.settled(ctx, s, func(ctx context.Context) (*jetstream.StreamInfo, error) { return l.info(ctx, s) })
}

func (l *Log) info(ctx context.Context, s event.Stream) (*jetstream.StreamInfo, error) {
	st, err := ask(ctx, l.o.AckTimeout, func(ctx context.Context) (jetstream.Stream, error) { return l.js.Stream(ctx, string(s)) })
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, absent(string(s))
	}
	if err != nil {
		return nil, fmt.Errorf("state of %s: %w", s, err)
	}
	return st.CachedInfo(), nil
}

func stateOf(info *jetstream.StreamInfo) StreamState {
	s := info.State
	state := StreamState{
		First: max(s.FirstSeq, 1), Last: s.LastSeq,
		Messages: s.Msgs, Bytes: s.Bytes,
		Incarnation: strconv.FormatInt(info.Created.UnixNano(), 36), Bounds: boundsOf(info.Config),
	}
	state.Lineage = Lineage(info.Config.Metadata[LineageKey])
	if s.Msgs > 0 {
		state.Oldest, state.Stored = s.FirstTime, s.LastTime
	}
	return state.resting()
}

// Expect compares a stream with what was once known of it: its incarnation and a
// sequence that was seen in it. The error is an *Incarnation, a *RolledBack, or
// that the stream could not be asked. An empty incarnation is not compared.
func (l *Log) Expect(ctx context.Context, s event.Stream, incarnation string, seen uint64) error {
	l.horizon.saw(s, incarnation, seen)
	state, err := l.State(ctx, s)
	if err != nil {
		return err
	}
	return expect(s, state, incarnation, seen)
}

func expect(s event.Stream, state StreamState, incarnation string, seen uint64) error {
	if incarnation != "" && state.Incarnation != incarnation {
		return &Incarnation{Stream: s, Known: incarnation, Found: state.Incarnation}
	}
	if state.End() < seen {
		return &RolledBack{Stream: s, Known: seen, Last: state.Last}
	}
	return nil
}

// streamOf is the stream that keeps a subject, "" when it is none of ours.
func streamOf(subject string) event.Stream {
	token, ok := strings.CutPrefix(subject, event.Root+".")
	if !ok {
		return ""
	}
	token, _, _ = strings.Cut(token, ".")
	return event.Stream(strings.ToUpper(token))
}
