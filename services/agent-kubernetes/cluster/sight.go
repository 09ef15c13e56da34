package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
)

// Probes of the API server: a connection that a network swallowed looks alive for most of a minute.
const (
	probeEvery  = 5 * time.Second
	probeWithin = 3 * time.Second
)

// filledMark ends the part of a watch that began with everything there is, in JSON and protobuf alike.
const filledMark = metav1.InitialEventsAnnotationKey

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
	open   int // requests whose answer still comes, and has told all that was there at its beginning
	synced func() bool
}

func newSight(changed func()) *sight {
	return &sight{changed: changed, streams: map[string]*watchStream{}}
}

// follow adds an informer, by the path of its watches.
func (s *sight) follow(path string, synced func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[path] = &watchStream{synced: synced}
}

// clear is true when the API server answers and every informer is filled and being told of changes.
func (s *sight) clear() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.answers {
		return false
	}
	for _, w := range s.streams {
		if w.open == 0 || !w.synced() {
			return false
		}
	}
	return true
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
	if w := t.sight.stream(r.URL.Path); w != nil {
		body := &stream{ReadCloser: answer.Body, sight: t.sight, watch: w, filling: query.Get("sendInitialEvents") == "true"}
		if !body.filling {
			body.opens()
		}
		answer.Body = body
	}
	return answer, nil
}

func (s *sight) stream(path string) *watchStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams[path]
}

// stream is the body of a watch. Its reader is one goroutine; Close may come from another.
type stream struct {
	io.ReadCloser
	sight   *sight
	watch   *watchStream
	filling bool   // everything there is comes first, and has not come yet
	tail    []byte // while filling: what may be the beginning of the mark

	opened, ended bool // guarded by sight.mu
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if s.filling && n > 0 {
		s.look(p[:n])
	}
	if err != nil {
		s.ends()
	}
	return n, err
}

// look searches for the mark, which two reads may have cut in two.
func (s *stream) look(p []byte) {
	seen := append(s.tail, p...)
	if bytes.Contains(seen, []byte(filledMark)) {
		s.filling, s.tail = false, nil
		s.opens()
		return
	}
	s.tail = bytes.Clone(seen[max(0, len(seen)-len(filledMark)):])
}

func (s *stream) Close() error {
	s.ends()
	return s.ReadCloser.Close()
}

func (s *stream) opens() {
	s.sight.mu.Lock()
	if !s.opened && !s.ended {
		s.opened = true
		s.watch.open++
	}
	s.sight.mu.Unlock()
	s.sight.changed()
}

func (s *stream) ends() {
	s.sight.mu.Lock()
	if s.opened && !s.ended {
		s.watch.open--
	}
	s.ended = true
	s.sight.mu.Unlock()
	s.sight.changed()
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
