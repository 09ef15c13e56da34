package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// endpoints is what a process serves about itself: /healthz is 200 as long as it can
// answer at all, /readyz asks the checks, /metrics is there when metrics are on.
func endpoints(checks *Checks, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n")) // the probe has gone away: nobody to tell
	})
	mux.Handle("GET /readyz", checks)
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
	return mux
}

// Serve is the part that answers HTTP on a listener until it is told to stop; then
// requests under way are finished within grace. The listener is opened by the caller,
// so that its address is known, and errors are seen, before anything starts.
func Serve(name string, listener net.Listener, handler http.Handler, grace time.Duration) Part {
	return Part{Name: name, Run: func(ctx context.Context, ready func()) error {
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		ready()
		select {
		case err := <-served:
			return fmt.Errorf("serve %s: %w", listener.Addr(), err)
		case <-ctx.Done():
		}
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if err := server.Shutdown(late); err != nil {
			return errors.Join(fmt.Errorf("stop serving %s: %w", listener.Addr(), err), server.Close())
		}
		return nil
	}}
}
