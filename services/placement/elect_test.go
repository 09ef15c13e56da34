package placement

import (
	"testing"
	"time"

	"fairlead.dev/pkg/event"
)

// understudy drives the standby's step function over a log, one input at a time: what a
// test does not call does not happen.
type understudy struct {
	t       testing.TB
	log     Tape
	attends *attendance
	*standby
	end    uint64 // last record handed in
	clock  time.Duration
	owed   duties // of the steps so far, not carried out
	saves  []*frozen
	failed error
}

var turns int // names every turn of the tests

func newUnderstudy(t testing.TB, log Tape, cfg Config) *understudy {
	t.Helper()
	h, err := rebuild(t.Context(), log, cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.readOn()
	turns++
	s := newStandby(cfg, h, cfg.Instance+"-"+time.Duration(turns).String(), "")
	return &understudy{t: t, log: log, standby: s, attends: &attendance{cfg: cfg, log: log, h: h, standby: s}, end: h.state.Position()}
}

// step gives the standby an input and keeps what is to be done for later.
func (u *understudy) step(in turn) duties {
	out := u.standby.step(in)
	u.owed.survey = u.owed.survey || out.survey
	if out.claim != nil {
		u.owed.claim = out.claim
	}
	if out.won != nil {
		u.owed.won = out.won
	}
	if out.save != nil {
		u.saves = append(u.saves, out.save)
	}
	if out.stop != nil {
		u.failed = out.stop
	}
	return out
}

// follow hands in what is new in every stream.
func (u *understudy) follow() {
	for _, s := range append([]event.Stream{event.Placements}, factStreams...) {
		u.hand(s)
	}
}

// hand hands in what is new in one stream.
func (u *understudy) hand(s event.Stream) {
	u.t.Helper()
	from := u.end
	if s != event.Placements {
		from = u.read[s]
	}
	messages, err := u.log.Tail(u.t.Context(), s, from+1)
	if err != nil {
		u.t.Fatal(err)
	}
	if len(messages) == 0 {
		return
	}
	last := messages[len(messages)-1].At.Sequence
	if s == event.Placements {
		u.end = last
	}
	u.step(news{stream: s, messages: hear(messages, nil), through: last})
}

// pulse lets time pass in which the leader gave a sign, or none.
func (u *understudy) pulse(after time.Duration, s sign) {
	u.clock += after
	u.step(pulse{now: u.clock, sign: s})
}

// act carries out what is owed, and what follows from it.
func (u *understudy) act() {
	for u.failed == nil && u.owed.won == nil && (u.owed.survey || u.owed.claim != nil) {
		owed := u.owed
		u.owed = duties{}
		if owed.survey {
			u.step(u.attends.survey(u.t.Context()))
		}
		if owed.claim != nil {
			u.step(claimed{appendFirst(u.t.Context(), u.log, owed.claim)})
			u.follow()
		}
	}
}

// elect folds the log and makes an instance its leader although another may lead: it
// hears of nobody.
func elect(t testing.TB, log Tape, cfg Config) (*history, leadership) {
	t.Helper()
	u := newUnderstudy(t, log, cfg)
	for range 100 {
		u.pulse(time.Hour, nobody)
		u.follow()
		u.act()
		if u.failed != nil {
			t.Fatal(u.failed)
		}
		if u.owed.won != nil {
			return u.win()
		}
	}
	t.Fatal("nobody is elected")
	return nil, leadership{}
}

// win is what a leader begins with.
func (u *understudy) win() (*history, leadership) {
	u.t.Helper()
	u.attends.handOver()
	ends, err := tails(u.t.Context(), u.log)
	if err != nil {
		u.t.Fatal(err)
	}
	u.attends.h.close()
	return u.attends.h, leadership{*u.owed.won, ends}
}
