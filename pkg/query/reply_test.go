package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/scheduler"
)

// state holds workloads that nothing has been decided about, of tenants a and b in
// turn; each weighs about size bytes.
func state(workloads, size int) *scheduler.State {
	s := scheduler.New(scheduler.DefaultConfig())
	for i := range workloads {
		s.Apply(event.Event{
			At: event.At{Stream: event.Intents, Sequence: uint64(i + 1)},
			Data: &event.WorkloadSubmitted{
				Tenant: event.Tenant([]string{"a", "b"}[i%2]), Name: event.WorkloadName(fmt.Sprintf("w%05d", i)),
				Kind: event.KindService, Replicas: 1,
				Template: event.Template{Image: "web:1", Env: map[string]string{"FILL": strings.Repeat("x", size)}},
			},
		})
	}
	return s
}

// all asks page after page and gives the number of items and of pages.
func all(t *testing.T, s *scheduler.State, q Question) (items, pages int) {
	t.Helper()
	last := ""
	for first := true; first || q.After != ""; first = false {
		a := Reply(s, StatusView{}, q)
		if a.Err != nil {
			t.Fatal(a.Err)
		}
		bytes := 0
		for _, raw := range a.Items {
			var w scheduler.WorkloadView
			if err := json.Unmarshal(raw, &w); err != nil {
				t.Fatal(err)
			}
			id := string(w.Spec.Tenant) + "/" + string(w.Spec.Name)
			if id <= last {
				t.Fatalf("%s after %s", id, last)
			}
			last, bytes = id, bytes+len(raw)
		}
		if len(a.Items) > 1 && bytes > pageBytes {
			t.Errorf("a page of %d bytes", bytes)
		}
		items, pages, q.After = items+len(a.Items), pages+1, a.Next
	}
	return items, pages
}

func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		workloads, size, limit int
		tenant                 event.Tenant
		items, pages           int
	}{
		"none":                     {items: 0, pages: 1},
		"one page":                 {workloads: 10, items: 10, pages: 1},
		"exactly one page":         {workloads: pageItems, items: pageItems, pages: 1},
		"by number":                {workloads: 2*pageItems + 1, items: 2*pageItems + 1, pages: 3},
		"by number, one tenant":    {workloads: 2 * pageItems, tenant: "b", items: pageItems, pages: 1},
		"by limit":                 {workloads: 10, limit: 3, items: 10, pages: 4},
		"by size":                  {workloads: 20, size: 100 << 10, items: 20, pages: 4},
		"larger than a page alone": {workloads: 3, size: pageBytes + 1, items: 3, pages: 3},
		"another tenant":           {workloads: 3, tenant: "c", items: 0, pages: 1},
	} {
		t.Run(name, func(t *testing.T) {
			q := Question{Kind: Workloads, Tenant: c.tenant, Limit: c.limit}
			items, pages := all(t, state(c.workloads, c.size), q)
			if items != c.items || pages != c.pages {
				t.Errorf("%d items on %d pages, want %d on %d", items, pages, c.items, c.pages)
			}
		})
	}
}

func TestQuestionsWithoutAnswer(t *testing.T) {
	valid := &event.WorkloadSubmitted{Tenant: "a", Name: "new", Kind: event.KindService, Replicas: 1, Template: event.Template{Image: "web:1"}}
	nameless := *valid
	nameless.Name = "No Name"
	for name, c := range map[string]struct {
		q    Question
		want error
	}{
		"unknown workload":      {Question{Kind: Workload, Tenant: "a", Name: "none"}, &NotFound{}},
		"workload of another":   {Question{Kind: Workload, Tenant: "b", Name: "w00000"}, &NotFound{}},
		"explain unknown":       {Question{Kind: Explain, Tenant: "a", Name: "none"}, &NotFound{}},
		"plan without workload": {Question{Kind: Plan, Tenant: "a"}, &Invalid{}},
		"plan for another":      {Question{Kind: Plan, Tenant: "b", Submit: valid}, &Invalid{}},
		"plan, invalid":         {Question{Kind: Plan, Tenant: "a", Submit: &nameless}, &Invalid{}},
		"after nothing":         {Question{Kind: Workloads, After: "x"}, &Invalid{}},
		"kind":                  {Question{Kind: "wishes"}, &Invalid{}},
	} {
		t.Run(name, func(t *testing.T) {
			a := Reply(state(1, 1), StatusView{}, c.q)
			if fmt.Sprintf("%T", a.Err) != fmt.Sprintf("%T", c.want) || a.Head != nil || a.Items != nil {
				t.Fatalf("error %v, head %s", a.Err, a.Head)
			}
			back := fromService(code(a.Err), describe(a.Err))
			if back.Error() != a.Err.Error() {
				t.Errorf("the client hears %q of %q", back, a.Err)
			}
		})
	}
}

func TestSubjectsSayWhoAsks(t *testing.T) {
	for subject, want := range map[string]Question{
		"fairlead.query.fleet.status":         {Kind: Status},
		"fairlead.query.tenant.shop.workload": {Kind: Workload, Tenant: "shop"},
	} {
		q, err := parse(subject, nil)
		if err != nil || q != want || q.subject() != subject {
			t.Errorf("%s is %+v: %v", subject, q, err)
		}
	}
	for _, subject := range []string{"fairlead.query.tenant.shop", "fairlead.query.tenant.No.workload", "fairlead.query.x.status"} {
		if _, err := parse(subject, nil); !errors.As(err, new(*Invalid)) {
			t.Errorf("%s: %v", subject, err)
		}
	}
	q, err := parse("fairlead.query.tenant.shop.workload", []byte(`{"name":"web","Tenant":"other"}`))
	if err != nil || q.Tenant != "shop" || q.Name != "web" {
		t.Errorf("the body changed the tenant: %+v, %v", q, err)
	}
	if _, err := parse("fairlead.query.fleet.status", []byte(`{`)); !errors.As(err, new(*Invalid)) {
		t.Errorf("broken body: %v", err)
	}
}

// BenchmarkPage is one page out of the middle of many workloads.
func BenchmarkPage(b *testing.B) {
	s := state(50_000, 10)
	for b.Loop() {
		if a := Reply(s, StatusView{}, Question{Kind: Workloads, After: "a/w25000"}); len(a.Items) != pageItems {
			b.Fatalf("%d items, %v", len(a.Items), a.Err)
		}
	}
}

// What operators set is listed whole, page after page, in an order that pages keep.
func TestSettingsInPages(t *testing.T) {
	s := scheduler.New(scheduler.DefaultConfig())
	for i, p := range []event.Payload{
		&event.ScoreSet{Cluster: "eu-1", Name: "a"}, &event.ScoreSet{Cluster: "eu", Name: "b"}, &event.ScoreSet{Cluster: "eu", Name: "a"},
		&event.PriceSet{Cluster: "eu", Prices: []event.Price{{CPU: 1}}}, &event.PriceSet{Cluster: "us", Prices: []event.Price{{CPU: 2}}},
		&event.QuotaSet{Tenant: "a"}, &event.QuotaSet{Tenant: "b", Parent: "a"},
	} {
		s.Apply(event.Event{Data: p, At: event.At{Stream: event.Intents, Sequence: uint64(i + 1)}})
	}
	for kind, want := range map[Kind]int{Scores: 3, Prices: 2, Quotas: 2} {
		seen, q := 0, Question{Kind: kind, Limit: 1}
		for page := Reply(s, StatusView{}, q); ; page = Reply(s, StatusView{}, q) {
			seen += len(page.Items)
			if q.After = page.Next; q.After == "" || seen > want {
				break
			}
		}
		if seen != want {
			t.Errorf("%s: %d items, want %d", kind, seen, want)
		}
	}
	if a := Reply(s, StatusView{}, Question{Kind: Policy}); a.Err != nil || string(a.Head) != "null" {
		t.Errorf("a policy nobody set: %s, %v", a.Head, a.Err)
	}
}
