package dcos

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/cluster"
	"fairlead.dev/test/dcos/double"
)

// wantRejected is a rejection for a reason, with words.
func wantRejected(t *testing.T, what string, err error, reason event.RejectReason, words string) {
	t.Helper()
	var r *agent.Rejection
	if !errors.As(err, &r) || r.Reason != reason || !strings.Contains(r.Message, words) {
		t.Errorf("%s: %v, want a rejection for %s with %q", what, err, reason, words)
	}
}

// wantPassing is an error that the runtime tries again.
func wantPassing(t *testing.T, what string, err error, words string) {
	t.Helper()
	if err == nil || errors.Is(err, agent.ErrStale) || errors.As(err, new(*agent.Rejection)) || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v, want an error with %q that may pass", what, err, words)
	}
}

// TestForeignLock: a deployment of somebody else that holds the app is never halted.
func TestForeignLock(t *testing.T) {
	s := newScene(t, double.Config{})
	c := s.open(t, nil)
	if err := c.Apply(t.Context(), service(web, 1, 1)); err != nil {
		t.Fatal(err)
	}
	id, release := s.Lock(webMain, "/theirs/app")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := c.Apply(ctx, service(web, 2, 2))
	wantPassing(t, "apply under a foreign lock", err, "locked")
	wantPassing(t, "withdraw under a foreign lock", c.Withdraw(ctx, agent.Withdrawal{Workload: web, Token: 3}), "")
	if !s.Deploying(id) {
		t.Fatal("a deployment of somebody else was halted")
	}
	time.AfterFunc(100*time.Millisecond, release)
	if err := c.Apply(t.Context(), service(web, 2, 2)); err != nil {
		t.Errorf("apply after the lock: %v", err)
	}
}

// TestOwnLock: a deployment of the same workload that does not end gives way to the next command.
func TestOwnLock(t *testing.T) {
	s := newScene(t, double.Config{})
	c := s.open(t, nil)
	if err := c.Apply(t.Context(), service(web, 1, 2)); err != nil {
		t.Fatal(err)
	}
	first, _ := s.Lock(webMain)
	if err := c.Apply(t.Context(), service(web, 2, 3)); err != nil {
		t.Fatal(err)
	}
	second, _ := s.Lock(webMain, webFence)
	if err := c.Withdraw(t.Context(), agent.Withdrawal{Workload: web, Token: 3}); err != nil {
		t.Fatal(err)
	}
	if s.Deploying(first) || s.Deploying(second) || s.Apps()[webMain] != nil {
		t.Error("a deployment of the workload itself stood in its way")
	}
}

// TestLostAnswers: what was carried out and whose answer was lost is not done twice.
func TestLostAnswers(t *testing.T) {
	s := newScene(t, double.Config{})
	c := s.open(t, nil)
	d := service(web, 1, 2)
	for _, method := range []string{"POST", "PUT"} {
		s.Inject(double.Fault{Method: method, Path: "/v2/groups", Times: 1, Lose: true})
		wantPassing(t, "a lost answer to "+method, c.Apply(t.Context(), d), "")
		before := fmt.Sprint(s.Apps()[webMain]["version"], s.Apps()[webFence]["version"])
		if err := c.Apply(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if after := fmt.Sprint(s.Apps()[webMain]["version"], s.Apps()[webFence]["version"]); after != before {
			t.Errorf("%s was done twice: %s, then %s", method, before, after)
		}
		d = service(web, 2, 3)
	}
	if n := len(s.Apps()); n != 2 {
		t.Errorf("%d apps, want main and fence", n)
	}
}

// TestAnswers: what each status means.
func TestAnswers(t *testing.T) {
	s := newScene(t, double.Config{})
	c := s.open(t, func(cfg *cluster.Config) { cfg.Within = 300 * time.Millisecond })
	for status, want := range map[int]event.RejectReason{
		http.StatusBadRequest: event.RejectReasonInvalid, http.StatusUnprocessableEntity: event.RejectReasonInvalid,
		http.StatusForbidden: event.RejectReasonForbidden, http.StatusUnauthorized: "", http.StatusInternalServerError: "",
		http.StatusServiceUnavailable: "", http.StatusNotFound: "",
	} {
		s.Inject(double.Fault{Method: "POST", Path: "/v2/groups", Status: status})
		err := c.Apply(t.Context(), service(web, 1, 1))
		if want == "" {
			wantPassing(t, fmt.Sprint(status), err, "injected")
		} else {
			wantRejected(t, fmt.Sprint(status), err, want, "injected")
		}
		s.Heal()
	}
	s.Inject(double.Fault{Path: "/v2/groups", Hang: true})
	wantPassing(t, "a Marathon that hangs", c.Apply(t.Context(), service(web, 1, 1)), "")
	if _, err := c.Observe(t.Context()); err == nil {
		t.Error("a view of a Marathon that hangs")
	}
	s.Heal()
	s.Inject(double.Fault{Path: "/mesos", Status: 500})
	if v, err := c.Observe(t.Context()); err == nil || v.Complete {
		t.Error("a view without Mesos")
	}
	s.Heal()
	if err := c.Apply(t.Context(), service(web, 1, 1)); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// TestMarathonRefuses: what Marathon finds invalid is rejected in its words.
func TestMarathonRefuses(t *testing.T) {
	s := newScene(t, double.Config{})
	c := s.open(t, nil)
	d := service(web, 1, 1)
	d.Native = map[string]json.RawMessage{"dcos": json.RawMessage(`{"cmd":"x","args":["y"]}`)}
	wantRejected(t, "both cmd and args", c.Apply(t.Context(), d), event.RejectReasonInvalid, "cmd")
	if len(s.Apps()) != 0 {
		t.Errorf("apps %v", s.Apps())
	}
	d.Native["dcos"] = json.RawMessage(`{"id":"/mine","cmd":"sleep 1000","backoffFactor":1.5}`)
	if err := c.Apply(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if app := s.Apps()[webMain]; app["cmd"] != "sleep 1000" || app["backoffFactor"] != 1.5 || app["cpus"] != 0.1 {
		t.Errorf("native app %v", app)
	}
	old := service(web, 0, 5)
	if err := c.Apply(t.Context(), old); !errors.Is(err, agent.ErrStale) {
		t.Errorf("an older token on a native app: %v", err)
	}
}

// TestTooOld: an API that is too old is refused in a view, and nothing is written.
func TestTooOld(t *testing.T) {
	for _, version := range []string{"1.4.11", "0.8.2", "what"} {
		s := newScene(t, double.Config{MarathonVersion: version})
		c := s.open(t, nil)
		if _, err := c.Observe(t.Context()); err == nil || !strings.Contains(err.Error(), "1.5 or newer") {
			t.Errorf("%s: %v", version, err)
		}
		wantPassing(t, version, c.Apply(t.Context(), service(web, 1, 1)), "1.5 or newer")
		if len(s.Apps()) != 0 {
			t.Errorf("%s: apps %v", version, s.Apps())
		}
	}
}

// account writes a service account's file, and gives its public key.
func account(t *testing.T, uid string) (file string, key *rsa.PublicKey) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"uid": uid, "scheme": "RS256", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), uid+".json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file, &private.PublicKey
}

// TestTokens: one login serves many requests; a token that is no longer taken, or about to expire, is renewed;
// credentials that are wrong are an error that tells, and leaks nothing.
func TestTokens(t *testing.T) {
	file, key := account(t, "fairlead")
	stranger, _ := account(t, "stranger")
	s := newScene(t, double.Config{Accounts: map[string]*rsa.PublicKey{"fairlead": key}})
	c := s.open(t, func(cfg *cluster.Config) { cfg.Account = file })
	if err := c.Apply(t.Context(), service(web, 1, 1)); err != nil {
		t.Fatal(err)
	}
	if n := s.Logins(); n != 1 {
		t.Errorf("%d logins for one command", n)
	}
	s.Expire()
	if _, err := c.Observe(t.Context()); err != nil || s.Logins() != 2 {
		t.Errorf("after the token expired: %v, %d logins", err, s.Logins())
	}
	for name, change := range map[string]func(*cluster.Config){
		"nothing given":    func(*cluster.Config) {},
		"a strange token":  func(cfg *cluster.Config) { cfg.TokenFile = stranger },
		"another's wishes": func(cfg *cluster.Config) { cfg.Account = stranger },
	} {
		_, err := s.open(t, change).Observe(t.Context())
		if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "PRIVATE") || strings.Contains(err.Error(), "eyJ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Inject(double.Fault{Path: "/acs", Status: 503, Times: 1})
	s.Expire()
	wantPassing(t, "no login", c.Apply(t.Context(), service(web, 2, 1)), "log in")
	if err := c.Apply(t.Context(), service(web, 2, 1)); err != nil {
		t.Error(err)
	}
}

// TestTokensExpire: a token with a short life is renewed before its end.
func TestTokensExpire(t *testing.T) {
	file, key := account(t, "fairlead")
	s := newScene(t, double.Config{Accounts: map[string]*rsa.PublicKey{"fairlead": key}, TokenFor: time.Second})
	c := s.open(t, func(cfg *cluster.Config) { cfg.Account = file })
	s.eventually("another login", func() error {
		if _, err := c.Observe(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.Logins() < 2 {
			return errors.New("one login")
		}
		return nil
	})
}

// TestWatch: streams that are cut, end or fall silent end the watch, which then can begin again.
func TestWatch(t *testing.T) {
	for name, hurt := range map[string]func(*scene){
		"cut":         func(s *scene) { s.Cut() },
		"silent":      func(s *scene) { s.Mute() },
		"not allowed": func(s *scene) { s.Inject(double.Fault{Path: "/v2/events", Status: 403}); s.Cut() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, double.Config{Heartbeat: 40 * time.Millisecond})
			c := s.open(t, nil)
			ended := s.watch(c)
			hurt(s)
			select {
			case err := <-ended:
				if err == nil {
					t.Error("the watch ended without a reason")
				}
			case <-time.After(patience):
				t.Fatal("the watch goes on")
			}
			s.Heal()
			s.watch(c)
		})
	}
}

// watch watches until both streams are open and a hint has come.
func (s *scene) watch(c agent.Orchestrator) <-chan error {
	s.t.Helper()
	hints, ended := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		ended <- c.Watch(s.t.Context(), func() {
			select {
			case hints <- struct{}{}:
			default:
			}
		})
	}()
	select {
	case <-hints:
	case <-time.After(patience):
		s.t.Fatal("no hint when the watch begins")
	}
	s.eventually("both streams", func() error {
		if marathon, mesos := s.Streams(); marathon == 0 || mesos == 0 {
			return fmt.Errorf("%d and %d open", marathon, mesos)
		}
		return nil
	})
	return ended
}

// TestReasons: a status has Marathon's own reasons.
func TestReasons(t *testing.T) {
	s := newScene(t, double.Config{})
	c := s.open(t, nil)
	d := service(web, 1, 2)
	d.Template.Health = &event.HealthCheck{Port: 8080}
	d.Nodes = []event.Requirement{{Key: "disk", Operator: event.OperatorIn, Values: []string{"ssd"}}}
	d.Hash = agent.Hash(d)
	if err := c.Apply(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	s.object(c, "2 ready", func(o agent.Object) bool { return o.Ready == 2 && len(o.Reasons) == 0 })
	s.Sicken(webMain, true)
	s.object(c, "unhealthy replicas", func(o agent.Object) bool { return o.Ready == 0 && reason(o, "Unhealthy").Count == 2 })
	s.Sicken(webMain, false)
	s.Fail(webMain, "exited with status 3", time.Hour)
	o := s.object(c, "a failure and a delay", func(o agent.Object) bool { return reason(o, "Delayed").Count == 2 })
	if why := reason(o, "TASK_FAILED"); why.Message != "exited with status 3" || o.Unschedulable != 0 || len(o.Bound) != 0 {
		t.Errorf("observed %+v", o)
	}
	for _, n := range nodes() {
		if strings.HasPrefix(n.Name, "plain") {
			s.Occupy(n.Name, n.CPUs, 0)
		}
	}
	s.Fail(webMain, "again", 0)
	o = s.object(c, "declined offers", func(o agent.Object) bool { return o.Unschedulable == 2 })
	if why := reason(o, "InsufficientCpus"); why.Count != 2 || why.Message != "3 of 3 offers declined" {
		t.Errorf("observed %+v", o)
	}
	if reason(o, "UnfulfilledConstraint").Message != "1 of 4 offers declined" {
		t.Errorf("observed %+v", o)
	}
}

func reason(o agent.Object, name string) event.Reason {
	for _, r := range o.Reasons {
		if r.Reason == name {
			return r
		}
	}
	return event.Reason{}
}

// object waits until the view's one object is as it should be.
func (s *scene) object(c agent.Orchestrator, what string, ok func(agent.Object) bool) agent.Object {
	s.t.Helper()
	var o agent.Object
	s.eventually(what, func() error {
		v, err := c.Observe(s.t.Context())
		if err != nil {
			return err
		}
		if len(v.Objects) != 1 || !ok(v.Objects[0]) {
			return fmt.Errorf("observed %+v", v.Objects)
		}
		o = v.Objects[0]
		return nil
	})
	return o
}
