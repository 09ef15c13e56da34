package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/chaos/laws"
)

// report prints what happened, for people.
func report(out io.Writer, s *stage, history []done, book *laws.Book, v laws.Verdict) {
	byName, byKind := map[string]int{}, map[string]int{}
	for _, d := range history {
		byName[d.name]++
		byKind[d.kind]++
	}
	fmt.Fprintf(out, "\nfaults       %d: %s\n", len(history), counts(byKind))
	fmt.Fprintf(out, "             %s\n", counts(byName))
	fmt.Fprintf(out, "log          %d events, %d decisions, %d epochs; %d submissions acknowledged\n", v.Events, v.Decisions, v.Epochs, len(book.Accepted))
	fmt.Fprintf(out, "commands     %d: applied %d, rejected %d, superseded %d\n", v.Commands, v.Applied, v.Rejected, v.Superseded)
	fmt.Fprintf(out, "lost %d, doubled %d; broken laws %d, not at rest %d\n", v.Lost, v.Double, len(v.Safety), len(v.Rest))
	t := newTimeline(book.Log[event.Placements])
	for _, kind := range []string{"kill", "pause", "partition"} {
		alone, amid := t.takeovers(history, kind)
		if len(alone) > 0 {
			fmt.Fprintf(out, "takeover     after a %s of the leader and nothing else: %s\n", kind, spread(alone))
		}
		if len(amid) > 0 {
			fmt.Fprintf(out, "takeover     after a %s of the leader amid other faults: %s\n", kind, spread(amid))
		}
	}
	for _, kind := range kinds() {
		if silent := t.silences(history, kind); len(silent) > 0 {
			fmt.Fprintf(out, "no record    around a %s: %s\n", kind, spread(silent))
		}
	}
	for _, p := range append(s.all(), s.broker.servers[:]...) {
		for _, end := range p.ends {
			fmt.Fprintf(out, "by itself    %s ended at %s\n", p.name, end)
		}
	}
}

func counts(m map[string]int) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(out, ", ")
}

// spread is the middle and the worst of some durations.
func spread(all []time.Duration) string {
	slices.Sort(all)
	return fmt.Sprintf("%d times, p50 %s, worst %s", len(all), all[(len(all)-1)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond))
}

// timeline is PLACEMENTS by the store's clock, which is this machine's.
type timeline struct{ records []event.Event }

func newTimeline(records []event.Event) timeline { return timeline{records} }

// takeovers are the times from a fault of the leader to the first decision of the next:
// where nothing else was wrong with placement and the servers, and where something was. A
// leader that recorded anything after the fault had ended was not taken over for it.
func (t timeline) takeovers(history []done, kind string) (alone, amid []time.Duration) {
	for i, d := range history {
		epoch := t.epochAt(d.begun)
		if d.kind != kind || epoch == nil || !slices.Contains(strings.Fields(d.to), strings.TrimPrefix(epoch.Source, "/placement/")) {
			continue
		}
		next, last := t.after(*epoch)
		if next.IsZero() || kind != "kill" && last.After(d.end) {
			continue
		}
		took := next.Sub(d.begun)
		if len(strings.Fields(d.to)) > 1 || slices.ContainsFunc(slices.Concat(history[:i], history[i+1:]), func(o done) bool {
			return o.troubles() && o.begun.Before(next) && o.end.Add(aftermath).After(d.begun)
		}) {
			amid = append(amid, took)
		} else {
			alone = append(alone, took)
		}
	}
	return alone, amid
}

// troubles says whether a fault is one of the servers or of placement.
func (d done) troubles() bool {
	return !strings.HasPrefix(d.to, "agent-") && d.to != "submitter"
}

// after is when the first decision was recorded by whoever led after an epoch, and when
// the last record of that epoch was.
func (t timeline) after(epoch event.Event) (next, last time.Time) {
	number := epoch.Data.(*event.EpochStarted).Epoch
	of := number
	for _, e := range t.records[epoch.At.Sequence-t.records[0].At.Sequence:] {
		switch d := e.Data.(type) {
		case *event.EpochStarted:
			of = d.Epoch
		case *event.PlacementDecided:
			if of > number {
				return e.At.Stored, last
			}
		}
		if of == number {
			last = e.At.Stored
		}
	}
	return time.Time{}, last
}

// epochAt is the record that began the epoch of a moment; nil before the first.
func (t timeline) epochAt(moment time.Time) *event.Event {
	var found *event.Event
	for i, e := range t.records {
		if e.At.Stored.After(moment) {
			break
		}
		if _, ok := e.Data.(*event.EpochStarted); ok {
			found = &t.records[i]
		}
	}
	return found
}

// aftermath is how long after its end a fault may show.
const aftermath = 10 * time.Second

// silences are the longest times without any record from each fault's beginning to a
// while after its end.
func (t timeline) silences(history []done, kind string) []time.Duration {
	var all []time.Duration
	for _, d := range history {
		if d.kind != kind {
			continue
		}
		longest := time.Duration(0)
		for i := 1; i < len(t.records); i++ {
			from, to := t.records[i-1].At.Stored, t.records[i].At.Stored
			if to.After(d.begun) && from.Before(d.end.Add(aftermath)) {
				longest = max(longest, to.Sub(from))
			}
		}
		all = append(all, longest)
	}
	return all
}
