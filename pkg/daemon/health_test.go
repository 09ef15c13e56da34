package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"fairlead.dev/pkg/daemon"
)

func TestReadyzAsksEveryCheck(t *testing.T) {
	var checks daemon.Checks
	state := errors.New("connecting")
	checks.Add("nats", func(context.Context) error { return state })
	checks.Add("log", func(context.Context) error { return nil })

	if code, r := ask(t, &checks); code != http.StatusServiceUnavailable || r.Ready || r.Checks["nats"] != "connecting" || r.Checks["log"] != "ok" {
		t.Errorf("while connecting: %d %+v", code, r)
	}
	state = nil
	if code, r := ask(t, &checks); code != http.StatusOK || !r.Ready || r.Checks["nats"] != "ok" {
		t.Errorf("when connected: %d %+v", code, r)
	}
}

func TestNoChecksIsReady(t *testing.T) {
	if code, r := ask(t, &daemon.Checks{}); code != http.StatusOK || !r.Ready {
		t.Errorf("%d %+v", code, r)
	}
}

func TestASlowCheckIsAFailedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var checks daemon.Checks
		checks.Add("slow", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		checks.Add("quick", func(context.Context) error { return nil })
		began := time.Now()
		r := checks.Ask(t.Context())
		if r.Ready || r.Checks["slow"] != context.DeadlineExceeded.Error() || r.Checks["quick"] != "ok" {
			t.Errorf("%+v", r)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func ask(t *testing.T, checks *daemon.Checks) (int, daemon.Readiness) {
	t.Helper()
	w := httptest.NewRecorder()
	checks.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	var r daemon.Readiness
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatalf("body %q: %v", w.Body, err)
	}
	return w.Code, r
}
