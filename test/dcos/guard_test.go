package dcos

import (
	"errors"
	"testing"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/test/dcos/double"
)

// TestWrittenOver: an agent that read before another wrote a higher token, and writes after it, brings
// back what it has written over, and says that its own command is stale.
func TestWrittenOver(t *testing.T) {
	s := newScene(t, double.Config{})
	slow, fast := s.open(t, nil), s.open(t, nil)
	if err := slow.Apply(t.Context(), service(web, 3, 1)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		slow  func() error
		fast  func() error
		token string
		runs  float64 // instances; -1 for no main
	}{
		{"a scaling over a scaling",
			func() error { return slow.Apply(t.Context(), service(web, 4, 2)) },
			func() error { return fast.Apply(t.Context(), service(web, 5, 3)) }, "5", 3},
		{"a withdrawal over an update",
			func() error { return slow.Withdraw(t.Context(), agent.Withdrawal{Workload: web, Token: 6}) },
			func() error { return fast.Apply(t.Context(), service(web, 7, 4)) }, "7", 4},
		{"an update over a withdrawal",
			func() error { return slow.Apply(t.Context(), service(web, 8, 5)) },
			func() error { return fast.Withdraw(t.Context(), agent.Withdrawal{Workload: web, Token: 9}) }, "9", -1},
	} {
		came := make(chan error, 1)
		s.Inject(double.Fault{Method: "PUT", Path: "/v2/groups", Times: 1, Before: func() { came <- c.fast() }})
		if err := c.slow(); !errors.Is(err, agent.ErrStale) {
			t.Errorf("%s: %v, want ErrStale", c.name, err)
		}
		if err := <-came; err != nil {
			t.Errorf("%s: the faster one: %v", c.name, err)
		}
		apps, runs := s.Apps(), -1.0
		if main := apps[webMain]; main != nil {
			runs, _ = main["instances"].(float64)
		}
		labels, _ := apps[webFence]["labels"].(map[string]any)
		if labels["fairlead.dev/token"] != c.token || runs != c.runs {
			t.Errorf("%s: token %v with %v instances, want %s with %v", c.name, labels["fairlead.dev/token"], runs, c.token, c.runs)
		}
	}
}

// TestDeadWriter: an agent that dies after it has written over a higher token is put right by the one
// with that token, as it looks.
func TestDeadWriter(t *testing.T) {
	s := newScene(t, double.Config{})
	slow, fast := s.open(t, nil), s.open(t, nil)
	if err := slow.Apply(t.Context(), service(web, 3, 1)); err != nil {
		t.Fatal(err)
	}
	newer := service(web, 5, 3)
	came := make(chan error, 1)
	s.Inject(double.Fault{Method: "PUT", Path: "/v2/groups", Times: 1, Before: func() {
		came <- fast.Apply(t.Context(), newer)
		s.Inject(double.Fault{Path: "/versions", Status: 503, Times: 1}) // it never learns what it did
	}})
	wantPassing(t, "a writer that dies", slow.Apply(t.Context(), service(web, 4, 2)), "")
	if err := <-came; err != nil {
		t.Fatal(err)
	}
	s.object(fast, "an older token than was stored", func(o agent.Object) bool { return o.Token == 4 && o.Wanted == 2 })
	if err := fast.Apply(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	s.object(fast, "the newer one again", func(o agent.Object) bool { return o.Token == 5 && o.Wanted == 3 && o.Hash == newer.Hash })
}
