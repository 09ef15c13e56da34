package cluster

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"k8s.io/client-go/discovery"
)

// Probes of the API server: a connection that a network swallowed looks alive for most of a minute.
const (
	probeEvery  = 5 * time.Second
	probeWithin = 3 * time.Second
)

// fillWithin ends the doubt whether a watch that begins with everything has told everything, where
// the version cannot tell because nothing has changed meanwhile.
const fillWithin = 15 * time.Second

// sight says whether what the informers hold can be believed. An informer does not tell when its watch
// is down; the transport under it sees every watch request begin and end.
type sight struct {
	changed func()

	mu      sync.Mutex
	streams map[string]*watchStream // by path
	answers bool                    // the last probe did
}

// watchStream is the watch of one informer.
type watchStream struct {
	open    int       // requests whose answer still comes
	since   time.Time // when the newest began
	fills   bool      // it began with everything there is
	before  string    // version of the informer when it began
	synced  func() bool
	version func() string
}

func newSight(changed func()) *sight {
	return &sight{changed: changed, streams: map[string]*watchStream{}}
}

// follow adds an informer, by the path of its watches.
func (s *sight) follow(path string, synced func() bool, version func() string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[path] = &watchStream{synced: synced, version: version}
}

// clear is true when the API server answers and every informer is filled and being told of changes.
func (s *sight) clear() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.answers {
		return false
	}
	for _, w := range s.streams {
		if !w.current() {
			return false
		}
	}
	return true
}

func (w *watchStream) current() bool {
	if w.open == 0 || !w.synced() {
		return false
	}
	return !w.fills || w.version() != w.before || time.Since(w.since) > fillWithin
}

// wrap is for rest.Config.Wrap.
func (s *sight) wrap(next http.RoundTripper) http.RoundTripper {
	return transport{sight: s, next: next}
}

// transport follows watch requests from answer to end.
type transport struct {
	sight *sight
	next  http.RoundTripper
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	query := r.URL.Query()
	if err != nil || answer.StatusCode != http.StatusOK || query.Get("watch") == "" {
		return answer, err
	}
	if end, followed := t.sight.opened(r.URL.Path, query.Get("sendInitialEvents") == "true"); followed {
		answer.Body = &stream{ReadCloser: answer.Body, end: end}
	}
	return answer, nil
}

func (s *sight) opened(path string, fills bool) (end func(), followed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.streams[path]
	if w == nil {
		return nil, false
	}
	w.open++
	w.since, w.fills, w.before = time.Now(), fills, w.version()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		w.open--
		s.mu.Unlock()
		s.changed()
	}), true
}

// stream is the body of a watch.
type stream struct {
	io.ReadCloser
	end func()
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if err != nil {
		s.end()
	}
	return n, err
}

func (s *stream) Close() error {
	s.end()
	return s.ReadCloser.Close()
}

// probe asks the API server at intervals whether it works, until ctx ends.
func (c *Cluster) probe(ctx context.Context) {
	again := time.NewTicker(probeEvery)
	defer again.Stop()
	for {
		c.sight.answered(c.ask(ctx))
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *sight) answered(err error) {
	s.mu.Lock()
	changed := s.answers != (err == nil)
	s.answers = err == nil
	s.mu.Unlock()
	if changed {
		s.changed()
	}
}

// ask reads health, and the version with it, which changes only with the server's process.
func (c *Cluster) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	if err := c.api.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
		return fmt.Errorf("ask whether the API server is ready: %w", err)
	}
	version, err := discovery.ToServerVersionInterfaceWithContext(c.api.Discovery()).ServerVersionWithContext(ctx)
	if err != nil {
		return fmt.Errorf("ask for the version: %w", err)
	}
	c.locked(func() { c.version = version.GitVersion })
	return nil
}
