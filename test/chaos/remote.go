package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// answer is what a cluster says to its agent, over HTTP: one of them.
type answer struct {
	View     *agent.View      `json:"view,omitempty"`
	Stale    bool             `json:"stale,omitempty"`
	Rejected *agent.Rejection `json:"rejected,omitempty"`
	Error    string           `json:"error,omitempty"`
}

func answerOf(err error) answer {
	var rejected *agent.Rejection
	switch {
	case errors.As(err, &rejected):
		return answer{Rejected: rejected}
	case errors.Is(err, agent.ErrStale):
		return answer{Stale: true}
	case err != nil:
		return answer{Error: err.Error()}
	}
	return answer{}
}

func (a answer) err() error {
	switch {
	case a.Rejected != nil:
		return a.Rejected
	case a.Stale:
		return agent.ErrStale
	case a.Error != "":
		return errors.New(a.Error)
	}
	return nil
}

// serve lets agents drive a cluster over HTTP until the listener is closed, as they drive
// the API of a real one: an agent may be gone before it has heard the answer.
func serve(l net.Listener, o agent.Orchestrator) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /observe", func(w http.ResponseWriter, r *http.Request) {
		view, err := o.Observe(r.Context())
		out := answerOf(err)
		out.View = &view
		reply(w, out)
	})
	mux.HandleFunc("POST /apply", func(w http.ResponseWriter, r *http.Request) {
		var d agent.Desired
		if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply(w, answerOf(o.Apply(r.Context(), d)))
	})
	mux.HandleFunc("POST /withdraw", func(w http.ResponseWriter, r *http.Request) {
		var d agent.Withdrawal
		if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply(w, answerOf(o.Withdraw(r.Context(), d)))
	})
	mux.HandleFunc("GET /watch", func(w http.ResponseWriter, r *http.Request) {
		flusher := w.(http.Flusher)
		flusher.Flush()
		_ = o.Watch(r.Context(), func() { // it ends with the agent
			_, _ = w.Write([]byte{'\n'})
			flusher.Flush()
		})
	})
	_ = http.Serve(l, mux) // it ends with the listener
}

func reply(w http.ResponseWriter, a answer) {
	_ = json.NewEncoder(w).Encode(a) // an agent that is gone hears nothing
}

// remote is a cluster as its agent's process sees it.
type remote struct{ url string }

var _ agent.Orchestrator = remote{}

func (r remote) call(ctx context.Context, what string, with any) (answer, error) {
	body, err := json.Marshal(with)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+what, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("%s: %s", what, response.Status)
	}
	var a answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return answer{}, err
	}
	return a, a.err()
}

// Observe implements agent.Orchestrator.
func (r remote) Observe(ctx context.Context) (agent.View, error) {
	a, err := r.call(ctx, "/observe", nil)
	if err != nil {
		return agent.View{}, err
	}
	return *a.View, nil
}

// Apply implements agent.Orchestrator.
func (r remote) Apply(ctx context.Context, d agent.Desired) error {
	_, err := r.call(ctx, "/apply", d)
	return err
}

// Withdraw implements agent.Orchestrator.
func (r remote) Withdraw(ctx context.Context, w agent.Withdrawal) error {
	_, err := r.call(ctx, "/withdraw", w)
	return err
}

// Watch implements agent.Orchestrator.
func (r remote) Watch(ctx context.Context, changed func()) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/watch", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	hints := make([]byte, 512)
	for {
		if _, err := response.Body.Read(hints); err != nil {
			return err
		}
		changed()
	}
}

// cluster names the nth one.
func cluster(n int) event.ClusterID { return event.ClusterID(fmt.Sprintf("c%d", n+1)) }

// clock is how moments are written.
const clock = "15:04:05.000"

// until waits, or says that the context ended first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
