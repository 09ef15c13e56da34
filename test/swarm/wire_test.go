package swarm

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// wire is what stands between the agents and the manager: it passes everything on, until a test has it
// answer otherwise.
type wire struct {
	path   string
	server *http.Server
	proxy  *httputil.ReverseProxy

	mu    sync.Mutex
	open  map[net.Conn]bool
	fault func(w http.ResponseWriter, r *http.Request, pass http.Handler)
}

func newWire(t testing.TB, manager string) *wire {
	t.Helper()
	dir, err := os.MkdirTemp("", "fl-wire-") // short: it holds a Unix socket
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{path: filepath.Join(dir, "api"), open: map[net.Conn]bool{}}
	target := &url.URL{Scheme: "http", Host: "manager"}
	w.proxy = httputil.NewSingleHostReverseProxy(target)
	w.proxy.FlushInterval = -1 // events come one by one
	w.proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	w.proxy.ErrorLog = nil
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", manager)
	}}
	w.proxy.Transport = transport
	listener, err := net.Listen("unix", w.path)
	if err != nil {
		t.Fatal(err)
	}
	w.server = &http.Server{Handler: w, ConnState: w.follow}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.server.Serve(listener) // it ends when it is closed
	}()
	t.Cleanup(func() {
		_ = w.server.Close()
		<-done
		transport.CloseIdleConnections()
		_ = os.RemoveAll(dir)
	})
	return w
}

func (w *wire) host() string { return "unix://" + w.path }

func (w *wire) follow(conn net.Conn, state http.ConnState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch state {
	case http.StateNew:
		w.open[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(w.open, conn)
	}
}

// ServeHTTP passes a request on, or does what the fault does.
func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	fault := w.fault
	w.mu.Unlock()
	if fault != nil {
		fault(out, r, w.proxy)
		return
	}
	w.proxy.ServeHTTP(out, r)
}

// with answers by the fault from now on; nil passes everything on again.
func (w *wire) with(fault func(http.ResponseWriter, *http.Request, http.Handler)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = fault
}

// cut breaks every connection there is.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.open {
		_ = conn.Close() // closed by the client already, perhaps
	}
	clear(w.open)
}

// deaf passes a request on and loses its answer.
func deaf(r *http.Request, pass http.Handler) {
	pass.ServeHTTP(nowhere{http.Header{}}, r)
	panic(http.ErrAbortHandler) // the server breaks the connection
}

// nowhere takes an answer and keeps nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (n nowhere) WriteHeader(int)             {}
