package scheduler

import (
	"math"
	"slices"

	"fairlead.dev/pkg/event"
)

// status is what a cluster said last of one of its workloads: a report without the names,
// which the seat has, since there are as many as workloads.
type status struct {
	incarnation, report uint64 // 0: it said nothing yet
	generation, token   uint64
	settled             uint64 // the last command that the cluster settled, 0 if it named none

	wanted, ready, pending, succeeded, failed, unschedulable int32

	words   *statusWords // nil: none
	outcome outcomeCode  // of settled
}

// statusWords is what there is to say where not all is well.
type statusWords struct {
	reasons []event.Reason
	outcome string // why settled came out so
}

func statusOf(d *event.WorkloadStatusReported) status {
	out := status{
		incarnation: d.Incarnation, report: d.Report, generation: d.Generation, token: d.Token,
		wanted: count(d.Wanted), ready: count(d.Ready), pending: count(d.Pending),
		succeeded: count(d.Succeeded), failed: count(d.Failed), unschedulable: count(d.Unschedulable),
	}
	words := statusWords{reasons: d.Reasons}
	if d.Last != nil {
		out.settled, out.outcome, words.outcome = d.Last.Number, codeOf(d.Last.Outcome), d.Last.Reason
	}
	if len(words.reasons) > 0 || words.outcome != "" {
		out.words = &words
	}
	return out
}

// count fits a number of replicas into few bytes; events have no more than a million.
func count(n int) int32 { return int32(max(math.MinInt32, min(n, math.MaxInt32))) }

// outcomeCode is an outcome in a byte: an index into outcomes.
type outcomeCode uint8

var outcomes = [...]event.Outcome{"", event.OutcomeApplied, event.OutcomeRejected, event.OutcomeSuperseded}

func codeOf(o event.Outcome) outcomeCode { return outcomeCode(max(0, slices.Index(outcomes[:], o))) }

// known says whether the cluster said anything yet.
func (s *status) known() bool { return s.incarnation > 0 }

// covers says whether the cluster knew of the command.
func (s *status) covers(t *told) bool { return s.known() && s.token >= t.Number }

func (s *status) reasons() []event.Reason {
	if s.words == nil {
		return nil
	}
	return s.words.reasons
}
