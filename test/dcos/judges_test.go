package dcos

import (
	"context"
	"net/http"
	"testing"

	marathon "github.com/gambol99/go-marathon"
	"github.com/mesos/mesos-go/api/v1/lib/encoding/codecs"
	"github.com/mesos/mesos-go/api/v1/lib/httpcli"
	"github.com/mesos/mesos-go/api/v1/lib/httpcli/httpmaster"
	"github.com/mesos/mesos-go/api/v1/lib/master"
	"github.com/mesos/mesos-go/api/v1/lib/master/calls"

	"fairlead.dev/pkg/event"
	"fairlead.dev/test/dcos/double"
)

// judge is go-marathon on the double.
func (s *scene) judge() marathon.Marathon {
	s.t.Helper()
	cfg := marathon.NewDefaultConfig()
	cfg.URL, cfg.EventsTransport = s.URL()+"/service/marathon", marathon.EventsTransportSSE
	cfg.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	client, err := marathon.NewClient(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

// TestGoMarathonDrives: a client that we did not write takes an app through its life on the double.
func TestGoMarathonDrives(t *testing.T) {
	s := newScene(t, double.Config{})
	judge := s.judge()
	events, err := judge.AddEventsListener(marathon.EventIDStatusUpdate | marathon.EventIDDeploymentSuccess)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := judge.Ping(); !ok || err != nil {
		t.Fatalf("ping: %t, %v", ok, err)
	}
	if info, err := judge.Info(); err != nil || info.Version != "1.11.24" || info.FrameworkID == "" {
		t.Errorf("info %+v, %v", info, err)
	}
	app := new(marathon.Application).Name("/theirs/app").Command("sleep 1000").CPU(0.5).Memory(64).Count(2).AddLabel("a", "b")
	if _, err := judge.CreateApplication(app); err != nil {
		t.Fatalf("create: %v", err)
	}
	if err := judge.WaitOnApplication("/theirs/app", patience); err != nil {
		t.Fatalf("wait: %v", err)
	}
	if e := <-events; e.Name != "status_update_event" && e.Name != "deployment_success" {
		t.Errorf("event %s", e)
	}
	if _, err := judge.CreateApplication(app); apiCode(err) != marathon.ErrCodeDuplicateID {
		t.Errorf("create again: %v, want a duplicate", err)
	}
	if _, err := judge.ScaleApplicationInstances("/theirs/app", 3, true); err != nil {
		t.Errorf("scale: %v", err)
	}
	if err := judge.WaitOnApplication("/theirs/app", patience); err != nil {
		t.Errorf("wait: %v", err)
	}
	tasks, err := judge.Tasks("/theirs/app")
	if err != nil || len(tasks.Tasks) != 3 || tasks.Tasks[0].State != "TASK_RUNNING" {
		t.Errorf("tasks %+v, %v", tasks, err)
	}
	versions, err := judge.ApplicationVersions("/theirs/app")
	if err != nil || len(versions.Versions) < 2 {
		t.Fatalf("versions %+v, %v", versions, err)
	}
	first, err := judge.ApplicationByVersion("/theirs/app", versions.Versions[len(versions.Versions)-1])
	if err != nil || *first.Instances != 2 || (*first.Labels)["a"] != "b" {
		t.Errorf("first version %+v, %v", first, err)
	}
	if _, err := judge.DeleteApplication("/theirs/app", true); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := judge.Application("/theirs/app"); apiCode(err) != marathon.ErrCodeNotFound {
		t.Errorf("read what is gone: %v", err)
	}
}

func apiCode(err error) int {
	if e, ok := err.(*marathon.APIError); ok {
		return e.ErrCode
	}
	return -1
}

// TestGoMarathonRefusals: the double's refusals are what another client takes them for.
func TestGoMarathonRefusals(t *testing.T) {
	s := newScene(t, double.Config{})
	judge := s.judge()
	app := new(marathon.Application).Name("/theirs/app").Command("sleep 1000").CPU(1000).Memory(64).Count(1)
	if _, err := judge.CreateApplication(app); err != nil {
		t.Fatal(err)
	}
	if _, err := judge.ScaleApplicationInstances("/theirs/app", 2, false); apiCode(err) != marathon.ErrCodeAppLocked {
		t.Errorf("write while a deployment waits: %v, want a lock", err)
	}
	s.eventually("the app to wait for offers", func() error {
		queue, err := judge.Queue()
		if err == nil && (len(queue.Items) != 1 || queue.Items[0].Count != 1 || queue.Items[0].Application.ID != "/theirs/app") {
			t.Errorf("queue %+v", queue)
		}
		return err
	})
	deployments, err := judge.Deployments()
	if err != nil || len(deployments) != 1 || deployments[0].AffectedApps[0] != "/theirs/app" {
		t.Errorf("deployments %+v, %v", deployments, err)
	}
	invalid := new(marathon.Application).Name("/theirs/other").Command("x").CPU(-1)
	if _, err := judge.CreateApplication(invalid); apiCode(err) != marathon.ErrCodeInvalidBean {
		t.Errorf("less than no CPU: %v, want invalid", err)
	}
}

// TestGoMarathonReadsOurs: what the agent writes is what another client reads, and a hand that uses that
// client to change it is seen.
func TestGoMarathonReadsOurs(t *testing.T) {
	s := newScene(t, double.Config{})
	judge, c := s.judge(), s.open(t, nil)
	if err := c.Apply(t.Context(), service(web, 7, 2)); err != nil {
		t.Fatal(err)
	}
	group, err := judge.Group("/fairlead/shop/web")
	if err != nil || len(group.Apps) != 2 || group.Apps[0].ID != webFence || group.Apps[1].ID != webMain {
		t.Fatalf("group %+v, %v", group, err)
	}
	if labels := *group.Apps[0].Labels; labels["fairlead.dev/token"] != "7" || *group.Apps[0].Instances != 0 {
		t.Errorf("fence %+v", group.Apps[0])
	}
	main := group.Apps[1]
	if main.CPUs != 0.1 || *main.Mem != 64 || main.Container.Docker.Image != "registry.example/app:1" || (*main.Env)["A"] != "b" || (*main.Labels)["team"] != "shop" {
		t.Errorf("main %+v", main)
	}
	if _, err := judge.ScaleApplicationInstances(webMain, 1, true); err != nil {
		t.Fatal(err)
	}
	v, err := c.Observe(t.Context())
	if err != nil || len(v.Objects) != 1 || v.Objects[0].Wanted != 1 {
		t.Errorf("objects %+v, %v", v.Objects, err)
	}
}

// TestMesosGo: the operator API of the double is what mesos-go takes it for.
func TestMesosGo(t *testing.T) {
	s := newScene(t, double.Config{Role: "slave_fairlead"})
	c := s.open(t, nil)
	if err := c.Apply(t.Context(), service(web, 7, 2)); err != nil {
		t.Fatal(err)
	}
	send := httpmaster.NewSender(httpcli.New(httpcli.Endpoint(s.URL()+"/mesos/api/v1"), httpcli.Codec(codecs.ByMediaType[codecs.MediaTypeJSON])).Send)
	var answer master.Response
	read, err := send.Send(t.Context(), calls.NonStreaming(calls.GetState()))
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Decode(&answer); err != nil {
		t.Fatal(err)
	}
	_ = read.Close()
	agents, tasks := answer.GetState.GetAgents.Agents, answer.GetState.GetTasks.Tasks
	if len(agents) != len(nodes()) || !agents[0].Active || agents[0].AgentInfo.Domain.FaultDomain.Region.Name != "eu" {
		t.Errorf("agents %+v", agents)
	}
	if len(tasks) != 2 || tasks[0].Name != "main.web.shop.fairlead" || len(tasks[0].Labels.Labels) != 4 {
		t.Errorf("tasks %+v", tasks)
	}
	allocated := agents[0].AllocatedResources
	if len(allocated) == 0 || allocated[0].Name != "cpus" || *allocated[0].AllocationInfo.Role != "slave_fairlead" {
		t.Errorf("allocated %+v", allocated)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := send.Send(ctx, calls.NonStreaming(calls.Subscribe()))
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	var e master.Event
	if err := stream.Decode(&e); err != nil || e.GetType() != master.Event_SUBSCRIBED || *e.Subscribed.HeartbeatIntervalSeconds != 15 {
		t.Fatalf("first event %+v, %v", e, err)
	}
	d := service(event.WorkloadID{Tenant: "shop", Name: "other"}, 8, 1)
	if err := c.Apply(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := stream.Decode(&e); err != nil || e.GetType() != master.Event_TASK_ADDED || e.TaskAdded.Task.Name != "main.other.shop.fairlead" {
		t.Errorf("second event %+v, %v", e, err)
	}
}
