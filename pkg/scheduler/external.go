package scheduler

import (
	"cmp"
	"slices"

	"fairlead.dev/pkg/event"
)

// Scores from outside count until they expire by the store's time. What has expired
// stays in the state, so that it can be told, and counts as if it were not there.

// setScore makes a score the one that counts.
func (s *settings) setScore(d *event.ScoreSet) {
	s.scores[scoreID{d.Cluster, d.Name}] = d
	of := s.scored[d.Cluster]
	at, found := slices.BinarySearchFunc(of, d, byScoreName)
	if found {
		of[at] = d
	} else {
		s.scored[d.Cluster] = slices.Insert(of, at, d)
	}
	if d.ValidUntil > 0 && (s.expires == 0 || d.ValidUntil < s.expires) {
		s.expires = d.ValidUntil
	}
}

func byScoreName(a, b *event.ScoreSet) int { return cmp.Compare(a.Name, b.Name) }

// expired says whether a score from outside counts no more.
func (s *State) expired(d *event.ScoreSet) bool { return d.ValidUntil > 0 && d.ValidUntil <= s.stored }

// scoresOf are the scores of a cluster that count now, by name.
func (s *State) scoresOf(id event.ClusterID) map[string]int64 {
	of := s.scored[id]
	if len(of) == 0 {
		return nil
	}
	out := make(map[string]int64, len(of))
	for _, d := range of {
		if !s.expired(d) {
			out[d.Name] = int64(d.Value)
		}
	}
	return out
}

// expireScores lets held workloads be tried again when a score has expired: an
// expression may hold without it.
func (s *State) expireScores() {
	if s.expires == 0 || s.expires > s.stored {
		return
	}
	s.expires = 0
	for _, d := range s.Scores() {
		if d.ValidUntil > s.stored && (s.expires == 0 || d.ValidUntil < s.expires) {
			s.expires = d.ValidUntil
		}
	}
	s.touchHungry()
}
