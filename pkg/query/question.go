package query

import (
	"encoding/json"
	"time"

	"fairlead.dev/pkg/event"
)

// Kind says what is asked: the last token of the subject.
type Kind string

// The kinds of questions.
const (
	Clusters  Kind = "clusters"  // items: scheduler.ClusterView, by name
	Workloads Kind = "workloads" // items: scheduler.WorkloadView, by tenant and name
	Workload  Kind = "workload"  // head: scheduler.WorkloadView
	Explain   Kind = "explain"   // head: scheduler.Explanation; items: its clusters
	Plan      Kind = "plan"      // as explain, for a workload that is not submitted
	WhyNot    Kind = "whynot"    // head: scheduler.WhyNot
	Quotas    Kind = "quotas"    // items: scheduler.QuotaView, by tenant
	Prices    Kind = "prices"    // items: scheduler.PriceView, by cluster
	Scores    Kind = "scores"    // items: event.ScoreSet, by cluster and name
	Policy    Kind = "policy"    // head: event.PolicySet, null while nobody set one
	Status    Kind = "status"    // head: StatusView
)

// Question is one request. Tenant and Kind travel in the subject, the rest as JSON.
type Question struct {
	Kind   Kind         `json:"-"`
	Tenant event.Tenant `json:"-"` // "" asks for the whole fleet

	Name   event.WorkloadName       `json:"name,omitempty"`   // workload, explain, whynot
	Not    event.ClusterID          `json:"not,omitempty"`    // whynot
	Submit *event.WorkloadSubmitted `json:"submit,omitempty"` // plan
	After  string                   `json:"after,omitempty"`  // lists: the Next of the page before
	Limit  int                      `json:"limit,omitempty"`  // lists: most items wanted; 0 leaves it to the server
}

// Answer is one reply, or one page of a list.
type Answer struct {
	State     uint64            `json:"state"`     // PLACEMENTS sequence of the state that answered
	Positions event.Positions   `json:"positions"` // the facts in that state
	Observed  int64             `json:"observed"`  // observed time in ms
	AgeMillis int64             `json:"ageMillis"` // ms since the newest fact of that state was stored
	Head      json.RawMessage   `json:"head,omitempty"`
	Items     []json.RawMessage `json:"items,omitempty"`
	Next      string            `json:"next,omitempty"` // ask again with After: Next for the rest; empty on the last page

	// Stored is when the newest fact was stored; the server makes AgeMillis of it.
	Stored time.Time `json:"-"`
	// Err is why there is no answer: *NotFound or *Invalid.
	Err error `json:"-"`
}

// StatusView is the placement service about itself.
type StatusView struct {
	Leader  string `json:"leader"` // instance that leads
	Epoch   uint64 `json:"epoch"`
	Engine  string `json:"engine"`
	State   uint64 `json:"state"`   // PLACEMENTS sequence that the state stands at
	Logged  uint64 `json:"logged"`  // PLACEMENTS sequence known to be in the log
	Decided uint64 `json:"decided"` // decisions since the log began
	Held    int    `json:"held"`    // workloads that wait for room
	// Reading is false while facts from before the epoch are still being read: nothing
	// is decided until then.
	Reading bool   `json:"reading"`
	Trouble string `json:"trouble,omitempty"` // why nothing gets into the log now
	// Warnings say what the limits of the streams will do soon, or do already.
	Warnings []string `json:"warnings,omitempty"`
	// Paused is true while nothing is evicted, because too many clusters fell silent
	// together.
	Paused bool `json:"paused,omitempty"`
	// Lag is how much younger, in ms of store time, the newest fact read from any
	// stream is than the newest read from this one.
	Lag map[event.Stream]int64 `json:"lag,omitempty"`
}
