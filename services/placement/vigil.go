package placement

import (
	"time"

	"fairlead.dev/pkg/query"
)

// sign is what asking the leader for a sign of life came to.
type sign int

const (
	nobody   sign = iota // the server knows of nobody who leads
	silence              // no answer in time
	answered             // by whoever leads
	unasked              // there is nobody to ask: the log alone tells
	cutOff               // this instance has no connection: it knows nothing
)

// pulse comes a few times a second: what was learnt of the leader, and this process's
// own monotonic clock, which measures how long nothing was heard and nothing else.
type pulse struct {
	now    time.Duration // since this instance began
	sign   sign
	leader query.Instance // where it answered
}

// vigil is the hint that nobody leads. It may be wrong in both directions at any time:
// what keeps two leaders apart is the chain of appends alone.
type vigil struct {
	patience time.Duration // after which the lead is free where the server knows of nobody; twice that where nobody answers
	stuck    time.Duration // the same where the leader answers, but does not get on

	now   time.Duration
	life  time.Duration // when the leader was alive last
	heard bool          // a record came since the last pulse
	sign  sign
	steps uint64 // of the leader's last answer
	rest  time.Duration
	begun bool
}

// take notes a pulse; epoch is the last one known here: an older leader does not count.
func (v *vigil) take(p pulse, epoch uint64) {
	v.now, v.sign = p.now, p.sign
	alive := v.heard || !v.begun || p.sign == cutOff
	if p.sign == answered {
		switch {
		case p.leader.Epoch < epoch:
			v.sign = silence
		case p.leader.Trouble == "" && p.leader.Steps != v.steps:
			alive = true
		}
		v.steps = p.leader.Steps
	}
	if alive {
		v.life = p.now
	}
	v.heard, v.begun = false, true
}

// over says whether the leader was silent for so long that its lead is free. What was
// heard since the last pulse counts already: the first record of a new leader comes
// when the one before was silent for long.
func (v *vigil) over() bool {
	silent := v.now - v.life
	if v.heard {
		return false
	}
	switch v.sign {
	case cutOff:
		return false
	case answered, unasked: // an idle leader records a tick every few seconds
		return silent >= v.stuck
	case silence: // slow, paused, or a machine that is gone without a word
		return silent >= 2*v.patience
	}
	return silent >= v.patience
}

// resting says whether a claim failed a moment ago.
func (v *vigil) resting() bool { return v.now < v.rest }
