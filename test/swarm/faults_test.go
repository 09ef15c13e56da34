package swarm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/cluster"
	"fairlead.dev/services/agent-swarm/manifest"
)

// fault answers a request in a manager's place, or passes it on.
type fault = func(w http.ResponseWriter, r *http.Request, pass http.Handler)

// says is a manager that answers everything with this.
func says(status int, message string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q}`, message)
	}
}

// hangs is one that takes a request and never answers.
func hangs(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }

// old is an engine from before the API that the agent needs.
func old(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	w.Header().Set("Api-Version", "1.39")
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"Version":"18.09.1","ApiVersion":"1.39"}`)
}

// almost is one that the client library would still speak to.
func almost(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Api-Version", "1.40")
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"Version":"19.03.1","ApiVersion":"1.40"}`)
}

func page(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprint(w, "<html><body>no such page</body></html>")
}

// testBadManagers is what an agent sees, and says, where its manager is none, or not well: no view at
// all, an answer in time, and words that tell what is wrong.
func testBadManagers(t *testing.T, s *scene) {
	s.tweak = func(c *cluster.Config) { c.Within = 500 * time.Millisecond }
	for name, c := range map[string]struct {
		fault    fault
		words    string             // of the view's error
		rejected event.RejectReason // of an apply; empty if it is to be tried again
	}{
		"500":              {says(500, "rpc error: out of disk"), "out of disk", ""},
		"503":              {says(503, "This node is not a swarm manager."), "not a swarm manager", ""},
		"no rights":        {says(403, "authorization denied by plugin"), "authorization denied", event.RejectReasonForbidden},
		"not known":        {says(401, "credentials have expired"), "expired", event.RejectReasonForbidden},
		"hangs":            {hangs, "deadline", ""},
		"too old":          {old, "1.39", ""},
		"a little too old": {almost, "1.40: want 1.41", ""},
		"a web site":       {page, "no such page", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.wire.with(c.fault)
			defer s.wire.with(nil)
			k := s.agent()
			began := time.Now()
			v, err := k.Observe(t.Context())
			if err == nil || v.Complete || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.words)) {
				t.Errorf("view %+v, error %v, want one that says %q", v, err, c.words)
			}
			err = k.Apply(t.Context(), s.desired(web, 1, 1, nil))
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			var r *agent.Rejection
			if errors.As(err, &r) != (c.rejected != "") || r != nil && r.Reason != c.rejected || err == nil {
				t.Errorf("apply: %v, want rejected for %q", err, c.rejected)
			}
		})
	}
	if s.service(web) != nil {
		t.Error("a service was made")
	}
}

// testUnreachable is a way to the manager that leads nowhere.
func testUnreachable(t *testing.T, s *scene) {
	for name, host := range map[string]string{"no socket": s.wire.host() + "-not", "a worker": s.engine.Host(1), "no port": "tcp://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			s.tweak = func(c *cluster.Config) { c.Host = host }
			k := s.agent()
			if v, err := k.Observe(t.Context()); err == nil || v.Complete {
				t.Errorf("view %+v, error %v", v, err)
			}
			var r *agent.Rejection
			if err := k.Apply(t.Context(), s.desired(web, 1, 1, nil)); err == nil || errors.As(err, &r) {
				t.Errorf("apply: %v, want an error that is tried again", err)
			}
			if name == "a worker" { // it has events, of itself
				return
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := k.Watch(ctx, func() {}); err == nil || ctx.Err() != nil {
				t.Errorf("watch: %v, want a reason", err)
			}
		})
	}
}

// testLostAnswers loses the answer of each kind of write in turn: whoever tries again finds what is done,
// and nothing is there twice.
func testLostAnswers(t *testing.T, s *scene) {
	c := s.agent()
	token := uint64(0)
	apply := func(replicas int) func() error {
		return func() error { return c.Apply(t.Context(), s.desired(web, token, replicas, nil)) }
	}
	withdraw := func() error { return c.Withdraw(t.Context(), agent.Withdrawal{Workload: web, Token: token}) }
	for _, step := range []struct {
		lost string // method and the end of a path
		do   func() error
		left int // replicas; -1 for no service
	}{
		{"POST /services/create", apply(1), 1},
		{"POST /update", apply(2), 2},
		{"POST /configs/create", withdraw, -1},
		{"POST /services/create", apply(1), 1},
		{"POST /update", withdraw, -1},
		{"POST /services/create", apply(1), 1},
		{"DELETE ", withdraw, -1},
	} {
		token++
		var lost atomic.Bool
		method, path, _ := strings.Cut(step.lost, " ")
		s.wire.with(func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
			if r.Method == method && strings.HasSuffix(r.URL.Path, path) && lost.CompareAndSwap(false, true) {
				deaf(r, pass)
			}
			pass.ServeHTTP(w, r)
		})
		first := step.do()
		if !lost.Load() {
			t.Fatalf("step %d asked for no %s", token, step.lost)
		}
		s.eventually("what was lost, done", step.do)
		live := s.service(web)
		if got := replicas(live); got != step.left {
			t.Errorf("step %d (%s lost, first answer %v): %d replicas, want %d", token, step.lost, first, got, step.left)
		}
		if n := s.count(); n > 1 {
			t.Errorf("step %d: %d services", token, n)
		}
	}
	s.wire.with(nil)
}

// testRemovalRaces lets a newer command in between the steps of a removal: its service must stay.
func testRemovalRaces(t *testing.T, s *scene) {
	c, other := s.agent(), s.agent()
	for name, at := range map[string]string{"before the mark": "POST /update", "before the end": "DELETE "} {
		t.Run(name, func(t *testing.T) {
			w := event.WorkloadID{Tenant: "shop", Name: event.WorkloadName(strings.ReplaceAll(name, " ", "-"))}
			s.must(c.Apply(t.Context(), s.desired(w, 1, 1, nil)))
			method, path, _ := strings.Cut(at, " ")
			var met atomic.Bool
			newer := make(chan error, 1)
			s.wire.with(func(out http.ResponseWriter, r *http.Request, pass http.Handler) {
				if r.Method == method && strings.HasSuffix(r.URL.Path, path) && met.CompareAndSwap(false, true) {
					newer <- other.Apply(t.Context(), s.desired(w, 9, 2, nil))
				}
				pass.ServeHTTP(out, r)
			})
			defer s.wire.with(nil)
			err := c.Withdraw(t.Context(), agent.Withdrawal{Workload: w, Token: 5})
			if err != nil && !errors.Is(err, agent.ErrStale) {
				t.Errorf("withdraw: %v", err)
			}
			s.must(<-newer)
			if live := s.service(w); live == nil || manifest.Token(live.Spec.Labels) != 9 || manifest.Leaving(live.Spec.Labels) || replicas(live) != 2 {
				t.Errorf("the newer command left %+v", live)
			}
		})
	}
}

// testHalfRemoved is an agent that dies between the mark and the removal: the next one sees a service that
// is not as it was applied, and either removes it or makes it anew.
func testHalfRemoved(t *testing.T, s *scene) {
	for name, finish := range map[string]func(*cluster.Cluster) error{
		"removed": func(c *cluster.Cluster) error {
			return c.Withdraw(t.Context(), agent.Withdrawal{Workload: web, Token: 5})
		},
		"made anew": func(c *cluster.Cluster) error { return c.Apply(t.Context(), s.desired(web, 6, 1, nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			c := s.agent()
			s.must(s.withdraw(c, 2)) // so that each turn begins with nothing
			s.eventually("a service", func() error { return c.Apply(t.Context(), s.desired(web, 3, 1, nil)) })
			s.wire.with(func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
				if r.Method == http.MethodDelete {
					says(500, "no")(w, r, pass)
					return
				}
				pass.ServeHTTP(w, r)
			})
			if err := s.withdraw(c, 4); err == nil {
				t.Error("a withdrawal without a removal is none")
			}
			s.wire.with(nil)
			next := s.agent()
			s.object(next, web, "neither gone nor as it was", func(o agent.Object) bool { return !o.Removed && o.Hash == "" && o.Token == 4 })
			s.must(finish(next))
			if live := s.service(web); (live != nil) != (name == "made anew") || live != nil && manifest.Leaving(live.Spec.Labels) {
				t.Errorf("left %+v", live)
			}
			s.clear()
		})
	}
}

// testTombstones is how long they are kept, and that what cannot be read closes the fence.
func testTombstones(t *testing.T, s *scene) {
	c := s.agent()
	s.must(s.withdraw(c, 7))
	s.must(c.Sweep(t.Context(), time.Now().Add(29*24*time.Hour)))
	if err := c.Apply(t.Context(), s.desired(web, 7, 1, nil)); !errors.Is(err, agent.ErrStale) {
		t.Errorf("a young tombstone does not hold: %v", err)
	}
	stone, err := s.api.ConfigInspect(t.Context(), s.scheme.Tombstone(web), client.ConfigInspectOptions{})
	s.must(err)
	spec := stone.Config.Spec
	spec.Labels[manifest.LabelToken] = "seven"
	_, err = s.api.ConfigUpdate(t.Context(), stone.Config.ID, client.ConfigUpdateOptions{Version: stone.Config.Version, Spec: spec})
	s.must(err)
	if err := c.Apply(t.Context(), s.desired(web, 9, 1, nil)); err == nil || errors.Is(err, agent.ErrStale) {
		t.Errorf("apply by a tombstone that cannot be read: %v", err)
	}
	s.must(c.Sweep(t.Context(), time.Now().Add(31*24*time.Hour)))
	s.must(c.Apply(t.Context(), s.desired(web, 9, 1, nil)))
}

func (s *scene) withdraw(c *cluster.Cluster, token uint64) error {
	return c.Withdraw(s.t.Context(), agent.Withdrawal{Workload: web, Token: token})
}

// clear takes away what a part of a test left, tombstones too.
func (s *scene) clear() {
	s.t.Helper()
	if live := s.service(web); live != nil {
		_, err := s.api.ServiceRemove(s.t.Context(), live.ID, client.ServiceRemoveOptions{})
		s.must(err)
	}
	_, err := s.api.ConfigRemove(s.t.Context(), s.scheme.Tombstone(web), client.ConfigRemoveOptions{})
	s.must(err)
}

func replicas(live *swarm.Service) int {
	if live == nil {
		return -1
	}
	return manifest.Replicas(live.Spec.Mode)
}

func (s *scene) count() int {
	s.t.Helper()
	all, err := s.api.ServiceList(s.t.Context(), client.ServiceListOptions{Filters: client.Filters{}.Add("name", s.scheme.Prefix)})
	s.must(err)
	return len(all.Items)
}
