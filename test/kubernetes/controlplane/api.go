package controlplane

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// API talks to one cluster as one user, in plain HTTP and JSON. It is for setting scenes and looking
// at results; the code under test brings its own client.
type API struct {
	url   string
	token string
	http  *http.Client
}

// StatusError is the API server's refusal.
type StatusError struct {
	Code    int    // HTTP status
	Reason  string // Kubernetes' word for it: Forbidden, NotFound, Conflict, …
	Message string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Code, e.Reason, e.Message)
}

// Do sends one request. in is sent as JSON unless nil (a PATCH is a JSON merge patch); the answer is
// stored in out unless nil. path starts at the root and may carry a query ("/api/v1/nodes?limit=1").
// An answer other than 2xx is a *StatusError.
func (a *API) Do(ctx context.Context, method, path string, in, out any) error {
	answer, err := a.send(ctx, method, path, in)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer answer.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, answer) // so that the connection can be used again
	} else {
		err = json.NewDecoder(answer).Decode(out)
	}
	if err != nil {
		return fmt.Errorf("read the answer to %s %s: %w", method, path, err)
	}
	return nil
}

// Change is what Watch tells about one object.
type Change struct {
	Type   string          // ADDED, MODIFIED, DELETED or ERROR
	Object json.RawMessage // the object after the change; of ERROR, a Status
}

// Watch tells of the objects of a collection, first those there are and then every change, until see
// returns true. path may carry selectors as its query. It ends with an error when ctx does or when the API server closes the watch.
func (a *API) Watch(ctx context.Context, path string, see func(Change) (done bool)) error {
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	answer, err := a.send(ctx, http.MethodGet, path+joint+"watch=1", nil)
	if err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	defer answer.Close()
	for stream := json.NewDecoder(answer); ; {
		var change Change
		if err := stream.Decode(&change); err != nil {
			return fmt.Errorf("watch %s: %w", path, err)
		}
		if see(change) {
			return nil
		}
	}
}

// send returns the body of a 2xx answer, to be closed by the caller.
func (a *API) send(ctx context.Context, method, path string, in any) (io.ReadCloser, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", contentType(method))
	res, err := a.http.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		return nil, refusal(res)
	}
	return res.Body, nil
}

func contentType(method string) string {
	if method == http.MethodPatch {
		return "application/merge-patch+json"
	}
	return "application/json"
}

// refusal reads the Status object of an answer; probes like /readyz answer in plain text.
func refusal(res *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return err
	}
	e := &StatusError{Code: res.StatusCode}
	if json.Unmarshal(text, e) != nil || e.Reason == "" {
		e.Reason, e.Message = http.StatusText(res.StatusCode), string(text)
	}
	e.Code = res.StatusCode
	return e
}
