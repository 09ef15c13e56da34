package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
)

// A timeline is batches of jobs over time, and what becomes of them. A queue is a tenant
// with its weight, a gang a job of so many replicas, a lease a placement; a job that is
// preempted queues again by itself.
type timeline struct {
	*federation
	jobs  []*job
	ended map[string]int // batches by id: jobs of them that are done
	beats []beat         // what happened at this moment
	all   []moment
}

// job is one job, or a gang of them.
type job struct {
	id        event.WorkloadID
	queue     string
	batch     batch
	count     int // jobs it stands for
	submitted bool
	ends      time.Time // zero while it does not run
	done      bool
}

// beat is one of the things that happen in one moment, where their order means nothing:
// they are told by rank.
type beat struct {
	rank int
	moment
}

// The order in which the things of one moment are told.
const (
	rankSucceeded = iota
	rankSubmitted
	rankPreempted
	rankLeased
	rankAgain
)

func checkTimeline(c *testCase) error {
	t := &timeline{federation: newFederation(time.Time{}), ended: map[string]int{}}
	t.seen = t.see
	if err := t.prepare(c); err != nil {
		return err
	}
	start := t.now
	for !t.finished() {
		if t.now.Sub(start) > time.Duration(c.Expect.WithinVirtual) {
			return fmt.Errorf("after %s: %s", t.now.Sub(start), tell(t.all))
		}
		if err := t.step(start); err != nil {
			return err
		}
	}
	if !slices.Equal(t.all, c.Expect.Events) {
		return fmt.Errorf("%s", tell(t.all))
	}
	return nil
}

func (t *timeline) prepare(c *testCase) error {
	for _, m := range c.Clusters {
		size := event.Resources{CPUMilli: int64(m.Nodes.CPU) * 1000}
		err := t.join(&agent{
			id: clusterID(m.Name), orchestrator: "kubernetes", kinds: []event.Kind{event.KindJob},
			slots: m.Nodes.Count, slot: size, ready: map[event.WorkloadID]observed{},
		})
		if err != nil {
			return err
		}
	}
	for _, q := range c.Request.Queues {
		name := event.Tenant(strings.ToLower(q.Queue))
		if err := t.operate(&event.QuotaSet{Tenant: name, Weight: q.Weight}); err != nil {
			return err
		}
		for i, b := range q.Batches {
			t.add(q.Queue, name, i, b)
		}
	}
	return t.settle()
}

func (t *timeline) add(queue string, name event.Tenant, i int, b batch) {
	size := max(1, b.Gang)
	for n := range b.Jobs / size {
		id := event.WorkloadID{Tenant: name, Name: event.WorkloadName(fmt.Sprintf("batch-%d-%d", i, n))}
		t.jobs = append(t.jobs, &job{id: id, queue: queue, batch: b, count: size})
	}
}

// step is one second: what is due ends or is submitted, and placement decides.
func (t *timeline) step(start time.Time) error {
	for _, j := range t.jobs {
		if !j.ends.IsZero() && !t.now.Before(j.ends) {
			if err := t.end(j); err != nil {
				return err
			}
		}
	}
	for _, j := range t.jobs {
		if !j.submitted && t.now.Sub(start) >= time.Duration(j.batch.SubmitAt) && t.ready(j.batch.After) {
			if err := t.queue(j); err != nil {
				return err
			}
		}
	}
	if err := t.settle(); err != nil {
		return err
	}
	t.close()
	return t.pass(time.Second)
}

func (t *timeline) ready(after []string) bool {
	for _, id := range after {
		for _, j := range t.jobs {
			if j.batch.ID == id && !j.done {
				return false
			}
		}
	}
	return true
}

// queue submits a job. One that is preemptible lets even its last replica go.
func (t *timeline) queue(j *job) error {
	j.submitted = true
	t.beat(rankSubmitted, "submitted", j)
	return t.submit(&event.WorkloadSubmitted{
		Tenant: j.id.Tenant, Name: j.id.Name, Kind: event.KindJob, Replicas: j.count,
		Template: event.Template{
			Image: "registry.example/job:1", Resources: event.Resources{CPUMilli: int64(j.batch.CPU) * 1000},
		},
		Policy: event.Policy{Priority: j.batch.Priority, Preempts: true, YieldsLast: j.batch.Preemptible},
	})
}

// end lets the clusters of a job say that it succeeded.
func (t *timeline) end(j *job) error {
	j.ends, j.done = time.Time{}, true
	t.beat(rankSucceeded, "succeeded", j)
	for _, a := range t.agents {
		c, ok := a.held[j.id]
		if !ok {
			continue
		}
		delete(a.held, j.id)
		a.dirty = true
		a.statuses++
		_, err := t.publish(event.AgentSource(a.id), &event.WorkloadStatusReported{
			Cluster: a.id, Incarnation: a.incarnation, Report: a.statuses, Tenant: j.id.Tenant, Workload: j.id.Name,
			Generation: c.Generation, Token: c.Number, Wanted: c.Replicas, Succeeded: c.Replicas,
			Last: &event.Settled{Number: a.through, Outcome: event.OutcomeApplied},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// see is told of every decision.
func (t *timeline) see(d *event.PlacementDecided) {
	i := slices.IndexFunc(t.jobs, func(j *job) bool { return j.id == event.WorkloadID{Tenant: d.Tenant, Name: d.Workload} })
	if i < 0 {
		return
	}
	j := t.jobs[i]
	standing := 0
	for _, a := range d.Assignments {
		standing += a.Replicas - a.Leaving
	}
	switch {
	case j.done:
	case standing == j.count && j.ends.IsZero():
		j.ends = t.now.Add(time.Duration(j.batch.Runtime))
		t.beat(rankLeased, "leased", j)
	case standing == 0 && !j.ends.IsZero():
		j.ends = time.Time{}
		t.beat(rankPreempted, "preempted", j)
		t.beat(rankAgain, "submitted", j)
	}
}

func (t *timeline) beat(rank int, what string, j *job) {
	t.beats = append(t.beats, beat{rank, moment{Count: j.count, Event: what, Queue: j.queue}})
}

// close ends a moment: equal events that follow each other are one.
func (t *timeline) close() {
	slices.SortStableFunc(t.beats, func(a, b beat) int { return a.rank - b.rank })
	for _, b := range t.beats {
		if n := len(t.all) - 1; n >= 0 && t.all[n].Event == b.Event && t.all[n].Queue == b.Queue {
			t.all[n].Count += b.Count
			continue
		}
		t.all = append(t.all, b.moment)
	}
	t.beats = nil
}

func (t *timeline) finished() bool {
	return !slices.ContainsFunc(t.jobs, func(j *job) bool { return !j.done })
}

func tell(all []moment) string {
	words := make([]string, len(all))
	for i, m := range all {
		words[i] = fmt.Sprintf("%d %s %s", m.Count, m.Queue, m.Event)
	}
	return strings.Join(words, ", ")
}
