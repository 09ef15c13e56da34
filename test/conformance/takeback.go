package main

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/event"
)

// patience is how long replicas may stay unschedulable in these cases.
const patience = 60 * time.Second

// checkTakenBack lets clusters say that replicas cannot be scheduled for longer than the
// wish allows. What is taken back is placed on a cluster that joins with room for it.
func checkTakenBack(c *testCase) error {
	total := 0
	for i := range c.Clusters { // room for what runs, and for no more
		n := c.Request.Previous[c.Clusters[i].Name]
		none := 0
		c.Clusters[i].Capacity = &capacity{AvailableReplicas: &none}
		total += n
	}
	w, err := build(c)
	if err != nil {
		return err
	}
	if err := w.joinMember(member{Name: "elsewhere"}); err != nil {
		return err
	}
	spec := w.spec(subject, total)
	spec.Policy = event.Policy{Progress: &event.Progress{UnschedulableSeconds: int(patience / time.Second)}}
	if err := w.submit(spec); err != nil {
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	for _, m := range c.Clusters {
		if err := w.observe(m); err != nil {
			return err
		}
	}
	if err := w.pass(patience + heartbeat); err != nil {
		return err
	}
	return w.remains()
}

// observe lets a cluster say how its replicas are. What it cannot schedule has no slot
// there, nor will what is taken back leave one.
func (w *world) observe(m member) error {
	a := w.agent(clusterID(m.Name))
	a.ready[subject] = *m.Observed
	a.slots = max(0, a.slots-m.Observed.Unschedulable)
	return a.reportStatus(w.federation, subject)
}

func (w *world) remains() error {
	got := w.placed()
	for name, n := range w.c.Expect.Remaining {
		if got[name] != n {
			return fmt.Errorf("placed %v", got)
		}
	}
	return nil
}
