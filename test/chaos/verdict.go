package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/test/chaos/laws"
	"fairlead.dev/test/harness"
)

const (
	startPatience = time.Minute
	restPatience  = 3 * time.Minute // for everything to come to rest once the faults have ended
	stopPatience  = time.Minute
)

// settle waits until the federation works: every cluster carries out commands.
func (s *stage) settle(ctx context.Context) error {
	why := "nobody was asked"
	for end := time.Now().Add(startPatience); time.Now().Before(end); {
		all, _, err := query.New(s.nc).Clusters(ctx)
		busy := 0
		for _, c := range all {
			if c.AppliedThrough > 0 {
				busy++
			}
		}
		if err == nil && busy == len(s.clusters) {
			return nil
		}
		why = fmt.Sprintf("%d of %d clusters have carried out a command (%v)", busy, len(s.clusters), err)
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("the federation does not begin: %s", why)
}

// state is a word on how the federation is, for the progress line.
func (s *stage) state(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	status, asked, err := query.New(s.nc).Status(ctx)
	if err != nil {
		return "nobody leads"
	}
	return fmt.Sprintf("epoch %d of %s, record %d", status.Epoch, strings.Split(status.Leader, "-")[0], asked.State)
}

// judge ends all faults, waits for rest and holds what is left against the laws.
func (s *stage) judge(ctx context.Context, history []done) error {
	s.say("all faults end")
	if err := s.mend(); err != nil {
		return err
	}
	s.submitter.stop()
	mended := time.Now()
	book, v, err := s.rest(ctx)
	if err != nil {
		return err
	}
	s.say("at rest %s after the last fault", time.Since(mended).Round(time.Second))
	v.Safety = append(v.Safety, s.processes()...)
	s.mu.Lock()
	v.Safety = append(v.Safety, s.double...)
	s.mu.Unlock()
	for _, p := range s.placements {
		p.stop()
	}
	folds, err := s.folds(ctx)
	if err != nil {
		return err
	}
	copies, err := s.copies(ctx)
	if err != nil {
		return err
	}
	v.Safety = append(v.Safety, append(folds, copies...)...)
	report(os.Stdout, s, history, book, v)
	wrong := append(v.Safety, v.Rest...)
	if len(wrong) > 0 {
		return fmt.Errorf("%d laws were broken:\n  %s", len(wrong), strings.Join(wrong[:min(25, len(wrong))], "\n  "))
	}
	return nil
}

// rest reads the log again and again until all that must be in the end is. What is wrong
// at any moment stays wrong.
func (s *stage) rest(ctx context.Context) (*laws.Book, laws.Verdict, error) {
	for began, told := time.Now(), time.Now(); ; {
		end := began.Add(restPatience)
		book, err := s.book(ctx)
		if err != nil {
			if time.Now().After(end) {
				return nil, laws.Verdict{}, err
			}
			s.say("the log cannot be read yet: %v", err)
			if err := pause(ctx, time.Second); err != nil {
				return nil, laws.Verdict{}, err
			}
			continue
		}
		v := book.Check()
		if len(v.Rest) == 0 || len(v.Safety) > 0 || time.Now().After(end) {
			return book, v, nil
		}
		if time.Since(told) > 15*time.Second {
			told = time.Now()
			s.say("not at rest in %d ways, for one: %s", len(v.Rest), v.Rest[0])
		}
		if err := pause(ctx, time.Second); err != nil {
			return nil, laws.Verdict{}, err
		}
	}
}

// book reads everything. The clusters are asked first: what they run follows from what
// the log already holds.
func (s *stage) book(ctx context.Context) (*laws.Book, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	b := &laws.Book{Log: map[event.Stream][]event.Event{}}
	for _, c := range s.clusters {
		b.Clusters = append(b.Clusters, laws.Cluster{Name: c.Spec().Name, Running: c.Running(), Audit: c.Audit()})
	}
	var err error
	if b.Accepted, err = accepted(s.journal); err != nil {
		return nil, err
	}
	for _, name := range event.Streams() {
		raw, err := s.log.Tail(ctx, name, 1)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		for _, m := range raw {
			e, err := m.Event()
			if err != nil {
				return nil, fmt.Errorf("%s %d is no event: %w", name, m.At.Sequence, err)
			}
			b.Log[name] = append(b.Log[name], e)
		}
	}
	return b, nil
}

// folds compares every checkpoint that is kept with a fold of the log up to it.
func (s *stage) folds(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	var wrong []string
	n := 0
	for c, err := range s.log.Checkpoints(ctx) {
		if err != nil {
			return wrong, fmt.Errorf("read checkpoints: %w", err)
		}
		state, err := harness.Fold(ctx, s.log, c)
		if err != nil {
			return wrong, fmt.Errorf("fold the log: %w", err)
		}
		if n++; state.Digest() != c.Digest {
			wrong = append(wrong, fmt.Sprintf("the checkpoint at record %d has another digest than the fold of the log", c.Placements))
		}
	}
	if n == 0 {
		wrong = append(wrong, "there is no checkpoint")
	}
	return wrong, nil
}

// fatal are words that no process may end with, whatever was done to it.
var fatal = []string{"rolled back", "panic", "fatal error", "newer agent"}

// processes tells what ended as no fault may end it.
func (s *stage) processes() []string {
	var wrong []string
	for _, p := range append(s.all(), s.broker.servers[:]...) {
		for _, end := range p.ends {
			if slices.ContainsFunc(fatal, func(word string) bool { return strings.Contains(end, word) }) {
				wrong = append(wrong, fmt.Sprintf("%s ended by itself: %s", p.name, end))
			}
		}
	}
	return wrong
}
