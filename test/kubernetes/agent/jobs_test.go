package agent

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

func job(token uint64, replicas int, image string) agent.Desired {
	d := service(event.WorkloadID{Tenant: "shop", Name: "report"}, token, replicas)
	d.Kind, d.Template.Image = event.KindJob, image
	return sealed(d)
}

// TestJobCompletes follows a job to its end; a new command for what has ended starts nothing.
func TestJobCompletes(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k, d := s.agent(), job(1, 3, "registry.example/report:1")
	s.must(s.apply(k, d))
	done := func(o agent.Object) bool { return o.Succeeded == 3 && o.Pending == 0 && len(o.Bound) == 0 }
	s.object(k, d.Workload, "completed", done)
	uid := s.jobUID(d)
	d.Token = 2
	s.must(s.apply(k, d))
	s.object(k, d.Workload, "completed still, under the new token", func(o agent.Object) bool { return done(o) && o.Token == 2 && o.Hash == d.Hash })
	if again := s.jobUID(d); again != uid {
		t.Errorf("the job was made again: %s, was %s", again, uid)
	}
}

// TestJobReplaced changes what cannot change in a job: it becomes another job, under a higher token.
func TestJobReplaced(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k, first, second := s.agent(), job(1, 2, "registry.example/report:1"), job(2, 2, "registry.example/report:2")
	s.must(s.apply(k, first))
	uid := s.jobUID(first)
	s.must(s.apply(k, second))
	if s.jobUID(second) == uid {
		t.Error("the job is still the first one")
	}
	s.object(k, second.Workload, "the second job, done", func(o agent.Object) bool {
		return o.Token == 2 && o.Hash == second.Hash && o.Succeeded == 2
	})
}

// TestJobScaled adds completions to a job that runs, without starting it again.
func TestJobScaled(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k, d := s.agent(), job(1, 2, "registry.example/report:1")
	s.must(s.apply(k, d))
	uid := s.jobUID(d)
	d.Token, d.Replicas = 2, 4
	s.must(s.apply(k, d))
	if s.jobUID(d) != uid {
		t.Error("the job was made again")
	}
	s.object(k, d.Workload, "4 completions wanted", func(o agent.Object) bool { return o.Wanted == 4 && o.Token == 2 })
}

// TestKindChanges turns a service into a job of the same name and back: one of them at a time.
func TestKindChanges(t *testing.T) {
	s := newScene(t, full.Cluster(t), true)
	k, d := s.agent(), job(2, 1, "registry.example/report:1")
	s.must(s.apply(k, service(d.Workload, 1, 1)))
	s.must(s.apply(k, d))
	s.object(k, d.Workload, "a job", func(o agent.Object) bool { return o.Token == 2 && o.Hash == d.Hash && !o.Removed })
	back := service(d.Workload, 3, 1)
	s.must(s.apply(k, back))
	s.object(k, d.Workload, "a service again", func(o agent.Object) bool { return o.Token == 3 && o.Hash == back.Hash && o.Ready == 1 })
	jobs, err := s.admin.BatchV1().Jobs(s.namespace("shop")).List(t.Context(), metav1.ListOptions{})
	s.must(err)
	for _, j := range jobs.Items {
		if j.DeletionTimestamp == nil {
			t.Errorf("job %s is still there", j.Name)
		}
	}
}

func (s *scene) jobUID(d agent.Desired) string {
	s.t.Helper()
	j, err := s.admin.BatchV1().Jobs(s.namespace(d.Workload.Tenant)).Get(s.t.Context(), string(d.Workload.Name), metav1.GetOptions{})
	s.must(err)
	return string(j.UID)
}
