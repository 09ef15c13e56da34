package placement

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
)

// company is who stands by, as far as the leader knows: each standby that asked for a
// sign of life a moment ago. One of those that are hot saves the checkpoints, so that
// the leader need not.
type company struct {
	lock sync.Mutex
	seen map[string]guest
}

type guest struct {
	query.Instance
	at time.Time
}

// guestLasts is how long a standby counts that does not ask again.
const guestLasts = 3 * time.Second

func (c *company) note(asker query.Instance) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.seen == nil {
		c.seen = map[string]guest{}
	}
	c.seen[asker.Name] = guest{asker, time.Now()}
}

// saver is the first by name of the standbys that are hot and whose last checkpoint is
// not further behind the leader than lag; "" where there is none.
func (c *company) saver(leader, lag uint64) string {
	c.lock.Lock()
	defer c.lock.Unlock()
	maps.DeleteFunc(c.seen, func(_ string, g guest) bool { return time.Since(g.at) > guestLasts })
	for _, name := range slices.Sorted(maps.Keys(c.seen)) {
		if g := c.seen[name]; g.Ready && g.Engine == scheduler.Engine && leader-min(g.Saved, leader) <= lag {
			return name
		}
	}
	return ""
}

// live is what the leader tells of itself from other goroutines than the loop's.
type live struct {
	steps, state, saved atomic.Uint64
	ready               atomic.Bool
	why, trouble        atomic.Pointer[string]
}

// note follows the loop.
func (v *live) note(l *loop) {
	v.steps.Add(1)
	v.state.Store(l.state.Position())
	v.saved.Store(l.saved)
}

// about answers whoever asks for the leader; a standby that asks is noted.
func (s *shell) about(asker *query.Instance) query.Instance {
	if asker != nil {
		s.company.note(*asker)
	}
	me := query.Instance{
		Name: s.loop.me.leader, Role: query.Leading, Epoch: s.loop.me.epoch, Engine: scheduler.Engine,
		State: s.live.state.Load(), Steps: s.live.steps.Load(), Saved: s.live.saved.Load(), Saver: s.saver(), Ready: s.live.ready.Load(),
	}
	if why := s.live.why.Load(); why != nil {
		me.Why = *why
	}
	if trouble := s.live.trouble.Load(); trouble != nil {
		me.Trouble = *trouble
	}
	return me
}

// saver is the standby that saves checkpoints in the leader's place, as long as it does.
func (s *shell) saver() string {
	return s.company.saver(s.live.state.Load(), saverLag*s.cfg.CheckpointRecords)
}

// saverLag is how many times too late a standby's checkpoints may be.
const saverLag = 4
