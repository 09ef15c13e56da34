package placement

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

// Whatever the hints say, however late an append arrives and whoever is killed: records
// of two leaders never interleave, no command number is used twice, and everything is
// carried out in the end.
func TestTwoLeadersNeverInterleave(t *testing.T) {
	epochs := 0
	for range 12 {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			e := newEnsemble(t, rand.New(rand.NewPCG(seed, 0)))
			e.play()
			epochs += e.epochs
		})
	}
	if epochs < 24 {
		t.Errorf("%d epochs were begun: the plays are too quiet", epochs)
	}
}

// ensemble is several instances over one log. Each stands by or believes that it leads.
type ensemble struct {
	*disorder
	players [3]*player
	epochs  int // begun
}

// player is one instance: a standby, or a leader with its own chain and its own orders
// on their way.
type player struct {
	standby *understudy
	leader  *stage
}

func newEnsemble(t *testing.T, r *rand.Rand) *ensemble {
	e := &ensemble{disorder: &disorder{placed(t, func(c *Config) { c.BatchMessages = 8 }), r, map[string]bool{}}}
	e.mem.Inject(func(op stream.Op) stream.Fault {
		if op.Kind == stream.OpAppend && r.IntN(8) == 0 {
			return stream.Fault(1 + r.IntN(2))
		}
		return stream.NoFault
	})
	for i := range e.players {
		e.players[i] = e.started()
	}
	return e
}

// started is an instance that has just folded the log.
func (e *ensemble) started() *player {
	return &player{standby: newUnderstudy(e.t, e.mem, e.cfg)}
}

func (e *ensemble) play() {
	for n := range 600 {
		i := e.r.IntN(len(e.players))
		switch n := e.r.IntN(40); {
		case n < 4:
			e.wish(fmt.Sprintf("w%d", e.r.IntN(30)), n < 3)
		case n < 5:
			e.report()
		case n < 6:
			e.players[i] = e.started() // killed and started again
		case n < 8:
			e.now = e.now.Add(time.Second)
		default:
			e.move(i)
		}
		if n%20 == 0 {
			e.apart()
		}
	}
	e.apart()
	e.finish()
}

// move lets one instance do one thing.
func (e *ensemble) move(i int) {
	p := e.players[i]
	if p.leader != nil {
		e.lead(p.leader)
	} else {
		e.stand(p)
	}
	switch {
	case p.standby != nil && p.standby.failed != nil, p.leader != nil && p.leader.stopped != nil:
		e.players[i] = e.started()
	}
}

// lead lets a leader read, tick, or learn what became of one append or look.
func (e *ensemble) lead(s *stage) {
	s.now = e.now
	switch n := e.r.IntN(10); {
	case n < 3:
		s.read()
	case n < 4:
		s.step(clock{stored: s.now})
	case n < 5 && e.r.IntN(4) == 0:
		s.step(stop{})
	case len(s.orders) > 0:
		b := s.orders[0]
		s.orders = s.orders[1:]
		if out := s.append(b); out.stopped {
			s.stopped = errDeposed // its process ends, and another one starts
		}
	case len(s.looks) > 0:
		at := s.looks[0]
		s.looks = s.looks[1:]
		at.wait = 0
		s.step((&shell{log: s.mem, cfg: s.cfg}).look(e.t.Context(), at))
	}
}

// stand lets a standby hear some of what is new, or something false, or carries out a
// part of what it owes.
func (e *ensemble) stand(p *player) {
	u := p.standby
	switch n := e.r.IntN(12); {
	case n < 5:
		u.hand([]event.Stream{event.Placements, event.Placements, event.Intents, event.Status, event.Capacity}[n])
	case n < 8:
		u.pulse(time.Duration(e.r.IntN(3000))*time.Millisecond, sign(e.r.IntN(5)))
	case u.owed.survey:
		u.owed.survey = false
		u.step(u.attends.survey(e.t.Context()))
	case u.owed.claim != nil:
		b := u.owed.claim
		u.owed.claim = nil
		u.step(claimed{appendFirst(e.t.Context(), e.mem, b)})
	}
	if u.failed == nil && u.owed.won != nil {
		e.crown(p)
	}
}

// crown makes a standby the leader that it believes to be.
func (e *ensemble) crown(p *player) {
	h, me := p.standby.win()
	s := &stage{t: e.t, mem: e.mem, cfg: e.cfg, hold: map[refusedDecision]string{}, now: e.now, agents: e.agents, written: map[*batch][][]byte{}}
	s.loop = newLoop(e.cfg, h, me, s.hold)
	s.newChain(me.at)
	p.standby, p.leader = nil, s
	e.epochs++
}

// apart checks that every record is by the leader whose epoch began last.
func (e *ensemble) apart() {
	e.t.Helper()
	leader, epoch, ended := "", uint64(0), false
	for _, r := range e.log() {
		switch d := r.Data.(type) {
		case *event.EpochStarted:
			if d.Epoch != epoch+1 {
				e.t.Fatalf("epoch %d follows %d", d.Epoch, epoch)
			}
			leader, epoch, ended = d.Leader, d.Epoch, false
			continue
		case *event.EpochEnded:
			if d.Leader != leader {
				e.t.Fatalf("record %d: %s ends the epoch of %s", r.At.Sequence, d.Leader, leader)
			}
			ended = true
			continue
		case *event.PlacementDecided:
			if d.Epoch != epoch {
				e.t.Fatalf("record %d is a decision of epoch %d in epoch %d", r.At.Sequence, d.Epoch, epoch)
			}
		case *event.CommandPlace:
			if d.Epoch != epoch {
				e.t.Fatalf("record %d is a command of epoch %d in epoch %d", r.At.Sequence, d.Epoch, epoch)
			}
		}
		if ended {
			e.t.Fatalf("record %d comes after %s has ended its epoch", r.At.Sequence, leader)
		}
	}
}

// finish lets one more instance lead undisturbed: everything wanted is carried out.
func (e *ensemble) finish() {
	e.t.Helper()
	e.mem.Inject(nil)
	e.begin()
	e.settle()
	for name, want := range e.wanted {
		w, ok := e.loop.state.Workload(event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(name)})
		if want && (!ok || len(w.Assignments) != 1) || !want && ok && len(w.Assignments) > 0 {
			e.t.Errorf("%s: wanted %t, is %+v", name, want, w)
		}
	}
	e.sound()
}
