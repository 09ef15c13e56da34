package query

import (
	"encoding/json"
	"fmt"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// pageBytes and pageItems bound one answer well below the server's limit of 1 MiB.
const (
	pageBytes = 512 << 10
	pageItems = 500
)

// Reply answers q from a state. It is pure, and keeps nothing of the state: the answer
// is encoded before it returns.
func Reply(s *scheduler.State, status StatusView, q Question) Answer {
	a := Answer{State: s.Position(), Positions: s.Positions(), Observed: s.Observed()}
	r := replier{state: s, q: q, answer: &a}
	switch q.Kind {
	case Clusters:
		r.clusters()
	case Workloads:
		r.workloads()
	case Workload:
		r.workload()
	case Explain:
		r.explain()
	case WhyNot:
		r.whyNot()
	case Plan:
		r.plan()
	case Status:
		r.head(status)
	default:
		r.settings()
	}
	if a.Err != nil {
		a.Head, a.Items, a.Next = nil, nil, ""
	}
	return a
}

// replier fills one answer.
type replier struct {
	state  *scheduler.State
	q      Question
	answer *Answer
	bytes  int
	last   string // key of the last item
}

func (r *replier) clusters() {
	for _, c := range r.state.Clusters() {
		if string(c.Cluster) > r.q.After && !r.item(string(c.Cluster), c) {
			return
		}
	}
}

func (r *replier) workloads() {
	after, err := r.afterWorkload()
	if err != nil {
		r.answer.Err = err
		return
	}
	for w := range r.state.WorkloadsAfter(after, r.q.Tenant) {
		if !r.item(w.Spec.ID().String(), w) {
			return
		}
	}
}

func (r *replier) afterWorkload() (event.WorkloadID, error) {
	if r.q.After == "" {
		return event.WorkloadID{}, nil
	}
	after, err := event.ParseWorkloadID(r.q.After)
	if err != nil {
		return after, &Invalid{Detail: "after: " + err.Error()}
	}
	return after, nil
}

func (r *replier) workload() {
	id := r.id()
	if w, ok := r.state.Workload(id); ok {
		r.head(w)
	} else {
		r.answer.Err = &NotFound{What: "workload " + id.String()}
	}
}

func (r *replier) explain() {
	id := r.id()
	if e, ok := r.state.Explain(id); ok {
		r.explanation(e)
	} else {
		r.answer.Err = &NotFound{What: "workload " + id.String()}
	}
}

func (r *replier) whyNot() {
	id := r.id()
	why, ok := r.state.WhyNot(id, r.q.Not)
	switch _, known := r.state.Workload(id); {
	case ok:
		r.head(why)
	case known:
		r.answer.Err = &NotFound{What: "cluster " + string(r.q.Not)}
	default:
		r.answer.Err = &NotFound{What: "workload " + id.String()}
	}
}

func (r *replier) plan() {
	w := r.q.Submit
	switch {
	case w == nil:
		r.answer.Err = &Invalid{Detail: "plan: no workload"}
	case w.Tenant != r.q.Tenant:
		r.answer.Err = &Invalid{Detail: fmt.Sprintf("plan: workload of tenant %q, asked as %q", w.Tenant, r.q.Tenant)}
	default:
		if err := w.Validate(); err != nil {
			r.answer.Err = &Invalid{Detail: "plan: " + err.Error()}
			return
		}
		r.explanation(r.state.Plan(w))
	}
}

// explanation splits off the clusters, which can be many.
func (r *replier) explanation(e scheduler.Explanation) {
	rows := e.Clusters
	e.Clusters = nil
	r.head(e)
	for _, c := range rows {
		if string(c.Cluster) > r.q.After && !r.item(string(c.Cluster), c) {
			return
		}
	}
}

func (r *replier) id() event.WorkloadID {
	return event.WorkloadID{Tenant: r.q.Tenant, Name: r.q.Name}
}

func (r *replier) limit() int {
	if r.q.Limit <= 0 || r.q.Limit > pageItems {
		return pageItems
	}
	return r.q.Limit
}

func (r *replier) head(v any) { r.answer.Head = r.encode(v) }

// item adds one element of a list; false when the page is full, and the element is the
// first of the next one.
func (r *replier) item(key string, v any) bool {
	raw := r.encode(v)
	if n := len(r.answer.Items); n > 0 && (n >= r.limit() || r.bytes+len(raw) > pageBytes) {
		r.answer.Next = r.last
		return false
	}
	r.answer.Items = append(r.answer.Items, raw)
	r.bytes, r.last = r.bytes+len(raw), key
	return true
}

func (r *replier) encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		r.answer.Err = fmt.Errorf("encode answer: %w", err)
	}
	return raw
}
