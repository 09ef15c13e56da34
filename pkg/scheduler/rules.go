package scheduler

import "fairlead.dev/pkg/event"

// Rules is c as the record of an epoch says it.
func (c Config) Rules() *event.Rules {
	return &event.Rules{
		TickMillis: c.TickMillis, SuspectMillis: c.SuspectMillis, LostMillis: c.LostMillis,
		EvictionsPerSecond: c.Evictions, MassPercent: c.MassPercent,
		Tries: c.Tries, BackoffMillis: c.BackoffMillis, MaxBackoffMillis: c.MaxBackoff,
	}
}

func configOf(r *event.Rules) Config {
	return Config{
		TickMillis: r.TickMillis, SuspectMillis: r.SuspectMillis, LostMillis: r.LostMillis,
		Evictions: r.EvictionsPerSecond, MassPercent: r.MassPercent,
		Tries: r.Tries, BackoffMillis: r.BackoffMillis, MaxBackoff: r.MaxBackoffMillis,
	}
}

// Config is what the state decides by now: what the last epoch's record says, or what it
// was made with where no epoch said anything yet.
func (s *State) Config() Config { return s.cfg }

// ruleBy takes what an epoch says; older ones say nothing.
func (s *State) ruleBy(r *event.Rules) {
	if r != nil {
		s.cfg, s.ruled = configOf(r), true
	}
}

// rules is what the last epoch said, for a snapshot; nil where none did.
func (s *State) rules() *event.Rules {
	if !s.ruled {
		return nil
	}
	return s.cfg.Rules()
}
