package query

import (
	"fmt"
	"testing"
)

// The questions of one tenant, and all together, have a bound; each that ends makes room.
func TestCrowd(t *testing.T) {
	var c crowd
	var leave []func()
	for range mostOfOne {
		leave = append(leave, c.enter("fairlead.query.tenant.shop.explain"))
	}
	if c.enter("fairlead.query.tenant.shop.workloads") != nil {
		t.Error("one tenant asks more than it may")
	}
	for i := 0; len(leave) < mostQuestions; i++ {
		l := c.enter(fmt.Sprintf("fairlead.query.tenant.t%d.explain", i))
		if l == nil {
			t.Fatal("somebody else may not ask")
		}
		leave = append(leave, l)
	}
	if c.enter("fairlead.query.fleet.clusters") != nil {
		t.Error("more questions than are answered")
	}
	leave[0]()
	if l := c.enter("fairlead.query.tenant.shop.explain"); l == nil {
		t.Error("no room after one has ended")
	} else {
		l()
	}
	for _, l := range leave[1:] {
		l()
	}
	if c.all != 0 || len(c.of) != 0 {
		t.Errorf("%d under way, %v, when all have ended", c.all, c.of)
	}
}
