package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// world is one history: everything there is, and the source of every chance.
type world struct {
	ctx context.Context
	r   *rand.Rand
	now time.Time // the store's clock
	log *stream.Memory
	mix mix

	sites     []*site
	instances []*instance
	born      int // instances so far
	users     users
	books     *books
	acting    *bool // whether the link of whoever acts now is cut; nil for nobody's
	calm      bool  // nothing goes wrong any more

	story   []string // what happened last, oldest first
	tell    io.Writer
	counts  map[string]int // faults injected, by name
	stopped error          // a law was broken
}

// kept is how many happenings of a history are shown when it fails.
const kept = 60

func newWorld(seed uint64, tell io.Writer) *world {
	w := &world{
		ctx: context.Background(), r: rand.New(rand.NewPCG(seed, 4)),
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), tell: tell, counts: map[string]int{},
	}
	w.mix = drawMix(w)
	w.log = stream.NewMemory(stream.MemoryConfig{Now: func() time.Time { return w.now }})
	w.log.Inject(w.network)
	w.books = newBooks(w)
	for i := range 3 + w.chance(3) {
		w.sites = append(w.sites, newSite(w, i))
	}
	w.spawn()
	return w
}

// chance is a number below n.
func (w *world) chance(n int) int { return w.r.IntN(n) }

// oneIn says yes once in n times.
func (w *world) oneIn(n int) bool { return w.r.IntN(n) == 0 }

func pick[T any](w *world, from []T) T { return from[w.chance(len(from))] }

// say adds to the story.
func (w *world) say(format string, args ...any) {
	line := fmt.Sprintf("%s ", w.now.Format("15:04:05.000")) + fmt.Sprintf(format, args...)
	if w.tell != nil {
		fmt.Fprintln(w.tell, line)
	}
	if len(w.story) == kept {
		w.story = w.story[1:]
	}
	w.story = append(w.story, line)
}

// fail notes the first broken law.
func (w *world) fail(format string, args ...any) {
	if w.stopped == nil {
		w.stopped = fmt.Errorf(format, args...)
	}
}

// network decides what becomes of an operation on the log.
func (w *world) network(stream.Op) stream.Fault {
	switch {
	case w.acting != nil && *w.acting:
		return stream.Fail
	case !w.rarely(w.mix.network):
		return stream.NoFault
	case w.oneIn(2):
		w.counts["message lost"]++
		return stream.Fail
	}
	w.counts["answer lost"]++
	return stream.LoseAnswer
}

// by lets somebody act whose link to the log may be cut.
func (w *world) by(cut *bool, do func()) {
	w.acting = cut
	do()
	w.acting = nil
}

// draw picks one of a table by weight, which each entry has.
func draw[T any](w *world, from []T, weight func(T) int) T {
	sum := 0
	for _, one := range from {
		sum += weight(one)
	}
	at := w.chance(sum)
	for _, one := range from {
		if at -= weight(one); at < 0 {
			return one
		}
	}
	panic("a table without weights")
}

// happening is what a step may be, with how often out of the sum.
type happening struct {
	weight int
	do     func(*world)
}

var happenings = []happening{
	{30, (*world).agentActs},
	{16, (*world).deliver},
	{16, (*world).leaderReads},
	{20, (*world).leaderWorks},
	{7, (*world).userActs},
	{14, (*world).timePasses},
	{1, (*world).operatorActs},
	{4, (*world).goesWrong},
}

// step lets one thing happen, and holds the outcome against the laws.
func (w *world) step() {
	draw(w, w.mix.happenings, func(h happening) int { return h.weight }).do(w)
	w.books.check()
}

// run lets a history happen and come to rest. It gives the law that was broken.
func (w *world) run(steps int) error {
	for n := range steps {
		if w.step(); w.stopped != nil {
			return fmt.Errorf("step %d: %w", n, w.stopped)
		}
	}
	if w.rest(); w.stopped != nil {
		return fmt.Errorf("at rest: %w", w.stopped)
	}
	return nil
}

// timePasses lets the store's clock go on: mostly a moment, sometimes long enough for
// somebody to be missed.
func (w *world) timePasses() {
	by := time.Duration(1+w.chance(900)) * time.Millisecond
	switch w.chance(w.mix.leaps) {
	case 0:
		by = time.Duration(30+w.chance(200)) * time.Second
	case 1, 2, 3:
		by = time.Duration(1+w.chance(20)) * time.Second
	}
	w.pass(by)
}

// pass lets time pass, a second at a time: as often do leaders look at the clock.
func (w *world) pass(by time.Duration) {
	for ; by > time.Second; by -= time.Second {
		w.tick(time.Second)
	}
	w.tick(by)
}

func (w *world) tick(by time.Duration) {
	w.now = w.now.Add(by)
	w.log.Wake()
	for _, p := range w.instances {
		if p.Leads() && !p.cut && !p.asleep {
			p.Tick(w.now)
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (w *world) tail(s event.Stream, from uint64) []stream.Message {
	w.log.Inject(nil)
	defer w.log.Inject(w.network)
	messages, err := w.log.Tail(w.ctx, s, from)
	if err != nil {
		panic(fmt.Sprintf("read %s: %v", s, err)) // nothing fails here
	}
	return messages
}
