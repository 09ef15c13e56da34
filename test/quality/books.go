package main

import (
	"fmt"
	"sync"

	"fairlead.dev/test/quality/live"
	"fairlead.dev/test/quality/verdict"
)

// books is what was found when clusters were held against decisions: goal 1.
type books struct {
	mu       sync.Mutex
	commands int
	replayed int // commands in logs that were decided again
	wrong    []string
}

// add checks a fleet that has come to rest, and replays its log if it was kept.
func (b *books) add(f *live.Fleet, replay bool) {
	wrong := f.Check()
	if replay {
		if err := f.Replay(); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.commands += f.Commands
	if replay {
		b.replayed += f.Commands
	}
	b.wrong = append(b.wrong, wrong...)
}

func (b *books) goal(a verdict.Ask) verdict.Goal {
	for _, w := range b.wrong[:min(5, len(b.wrong))] {
		fmt.Fprintln(a.Out, "  wrong:", w)
	}
	return verdict.Goal{
		Number: 1, Met: len(b.wrong) == 0 && b.replayed > 0,
		Figures: fmt.Sprintf("%d commands: %d nodes overdrawn, commands lost or doubled, replicas not as decided; a log of %d commands decided again to the same bytes",
			b.commands, len(b.wrong), b.replayed),
	}
}
