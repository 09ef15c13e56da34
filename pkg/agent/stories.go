package agent

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"fairlead.dev/pkg/daemon/telemetry"
	"fairlead.dev/pkg/event"
)

// storyLasts is how long after a command was settled what happens to its workload is
// part of the command's trace. Later it has a trace of its own, with a link.
const storyLasts = 5 * time.Minute

// stories follow each command from its arrival to the status that says what came of it,
// for spans and metrics alone. Where nobody listens they stay empty. The loop owns them;
// reported is for every goroutine.
type stories struct {
	*Instruments
	open  map[uint64]chapter             // by command number: accepted, not settled
	told  map[event.WorkloadID]afterword // of the last settled command
	pulse *pulse
	depth int // of the outbox, as told last
}

// chapter is a command on its way through the agent.
type chapter struct {
	span  trace.Span
	since time.Time
}

// afterword is the span of a settled command, for what is said about it.
type afterword struct {
	number uint64
	hop    trace.SpanContext
	until  time.Time
}

// cause is why something is done: under the span of a command that is under way, or
// with a link to where the story of one long settled began.
type cause struct {
	workload event.WorkloadID
	token    uint64
	hop      trace.SpanContext
	origin   trace.Link
}

func (c cause) under(ctx context.Context) context.Context {
	if !c.hop.IsValid() {
		return ctx
	}
	return trace.ContextWithSpanContext(ctx, c.hop)
}

func newStories(i *Instruments) *stories {
	return &stories{
		Instruments: i, pulse: i.join(),
		open: map[uint64]chapter{}, told: map[event.WorkloadID]afterword{},
	}
}

// listened says whether anybody wants to know.
func (s *stories) listened() bool { return s.spans.On() || s.meter.On() }

// arrived begins the span of a command, and accepted keeps it until the command is
// settled; one that the agent did not take ends at once.
func (s *stories) arrived(header map[string][]string, e event.Event) chapter {
	if !s.listened() {
		return chapter{}
	}
	_, span := s.spans.Process(context.Background(), header, e)
	return chapter{span, time.Now()}
}

func (s *stories) accepted(c chapter, e event.Event, taken bool) {
	if c.span == nil {
		return
	}
	_, number := header(e.Data)
	if taken && number > 0 {
		s.open[number] = c
		return
	}
	c.span.End()
}

// ended tells of the commands that were settled.
func (s *stories) ended(slots []slot) {
	for i := range slots {
		s.settled(&slots[i])
	}
}

func (s *stories) settled(c *slot) {
	s.commands.Add(context.Background(), 1, c.outcome)
	chapter, known := s.open[c.number]
	if !known {
		return
	}
	delete(s.open, c.number)
	s.settleTime.Record(context.Background(), time.Since(chapter.since).Seconds())
	chapter.span.SetAttributes(telemetry.KeyOutcome.String(string(c.outcome)))
	chapter.span.End()
	if hop := chapter.span.SpanContext(); s.spans.On() && hop.IsValid() {
		s.told[c.workload] = afterword{c.number, hop, time.Now().Add(storyLasts)}
	}
}

// forget ends what belongs to an incarnation that is over.
func (s *stories) forget() {
	for _, c := range s.open { // each on its own: the order does not matter
		c.span.End()
	}
	clear(s.open)
	clear(s.told)
}

// of is the cause of an operation; w is what the machine knows of the workload.
func (s *stories) of(id event.WorkloadID, token uint64, w *work) cause {
	c := cause{workload: id, token: token}
	if !s.spans.On() {
		return c
	}
	if open, under := s.open[token]; under {
		c.hop = open.span.SpanContext()
	} else if w != nil {
		c.origin = telemetry.Link(event.Event{Trace: w.origin.trace})
	}
	return c
}

// behind is the cause of what the agent says. The first status in which nothing is
// pending ends the command's story.
func (s *stories) behind(e event.Event) cause {
	switch d := e.Data.(type) {
	case *event.WorkloadStatusReported:
		if d.Last != nil {
			return s.after(d.ID(), d.Last.Number, d.Pending == 0)
		}
	case *event.CommandRejected:
		return s.after(event.WorkloadID{Tenant: d.Tenant, Name: d.Workload}, d.Number, false)
	}
	return cause{}
}

func (s *stories) after(w event.WorkloadID, number uint64, last bool) cause {
	word, known := s.told[w]
	if !known || word.number != number {
		return cause{}
	}
	late := time.Now().After(word.until)
	if last || late {
		delete(s.told, w)
	}
	if late {
		return cause{}
	}
	return cause{hop: word.hop}
}

// reported says that the log took something.
func (s *stories) reported(t event.Type) {
	if s.meter.On() {
		s.reports.Add(context.Background(), 1, t)
		s.pulse.beat()
	}
}

// outbox says how many events wait.
func (s *stories) outbox(depth int) {
	if depth != s.depth && s.meter.On() {
		s.waiting.Add(context.Background(), int64(depth-s.depth))
		s.depth = depth
	}
}

// close takes the agent out of the figures of its process.
func (s *stories) close() {
	s.forget()
	s.outbox(0)
	s.leave(s.pulse)
}
