package daemon

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"sync"
	"time"
)

// checkTimeout bounds one question about readiness: a probe waits no longer, and a
// check that takes longer is a failed one.
const checkTimeout = 2 * time.Second

// Check says why something is not ready, or nil. It must end with its context.
type Check func(context.Context) error

// Checks are the named conditions of being ready. The zero value is ready for use, and
// says ready while it has no check.
type Checks struct {
	mu    sync.Mutex
	named map[string]Check
	told  map[string][]string
}

// Add puts a check under a name, in place of an earlier one of that name.
func (c *Checks) Add(name string, check Check) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.named == nil {
		c.named = map[string]Check{}
	}
	c.named[name] = check
}

// Warn notes what is going to be a trouble and is none yet, in place of what was noted
// under the name before. It is shown, and makes nothing unready.
func (c *Checks) Warn(name string, warnings []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told == nil {
		c.told = map[string][]string{}
	}
	if c.told[name] = warnings; len(warnings) == 0 {
		delete(c.told, name)
	}
}

// Readiness is the answer of /readyz.
type Readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"` // name to "ok" or the reason
	// Warnings are what will be a trouble if nobody does anything, by name.
	Warnings map[string][]string `json:"warnings,omitempty"`
}

// Ask runs every check at the same time and gives their answers.
func (c *Checks) Ask(ctx context.Context) Readiness {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	type answer struct {
		name string
		err  error
	}
	answers := make(chan answer)
	checks, warnings := c.list()
	for name, check := range checks {
		go func() { answers <- answer{name, check(ctx)} }()
	}
	r := Readiness{Ready: true, Checks: map[string]string{}, Warnings: warnings}
	for range checks {
		a := <-answers
		r.Checks[a.name] = "ok"
		if a.err != nil {
			r.Ready, r.Checks[a.name] = false, a.err.Error()
		}
	}
	return r
}

func (c *Checks) list() (map[string]Check, map[string][]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.named), maps.Clone(c.told)
}

// ServeHTTP answers 200 when ready and 503 when not, with the Readiness as JSON.
func (c *Checks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := c.Ask(r.Context())
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer) // the probe has gone away: nobody to tell
}
