package dcos

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client does requests to one base URL.
type Client struct {
	Base   string        // URL without a slash at its end, such as https://dcos.example/service/marathon
	HTTP   *http.Client  // nil is http.DefaultClient
	Tokens *Tokens       // nil for an API without access control
	Within time.Duration // for one request; zero is without limit. Streams have none.
}

// The most that is read of an answer: a whole cluster's state, and of a refusal.
const (
	mostAnswer  = 256 << 20
	mostRefusal = 64 << 10
)

// Call does one request with a JSON body, nil for none, and reads the answer into result, nil to read
// none. An answer outside of 200 to 299 is a *Refused.
func (c *Client) Call(ctx context.Context, method, path string, body, result any) error {
	if c.Within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Within)
		defer cancel()
	}
	answer, err := c.Open(ctx, method, path, "application/json", body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if result == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(answer, mostRefusal)) // so that the connection is used again
		return err
	}
	if err := json.NewDecoder(io.LimitReader(answer, mostAnswer)).Decode(result); err != nil {
		return fmt.Errorf("%s %s: the answer cannot be read: %w", method, c.Base+path, err)
	}
	return nil
}

// Open does one request and gives the body of its answer, which may be a stream; the caller closes it.
func (c *Client) Open(ctx context.Context, method, path, accept string, body any) (io.ReadCloser, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	for renewed := false; ; renewed = true {
		token, err := c.Tokens.Token(ctx)
		if err != nil {
			return nil, err
		}
		answer, err := c.once(ctx, method, path, accept, token, text)
		refused := (*Refused)(nil)
		if renewed || !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized || !c.Tokens.Spoil(token) {
			return answer, err
		}
	}
}

func (c *Client) once(ctx context.Context, method, path, accept, token string, text []byte) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.Base+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("User-Agent", "fairlead-agent-dcos")
	if len(text) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "token="+token)
	}
	answer, err := cmp.Or(c.HTTP, http.DefaultClient).Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, mostRefusal)) // whatever came of it
	return nil, refusedBy(method, c.Base+path, answer.StatusCode, said)
}

// Refused is an answer that is not a success.
type Refused struct {
	Request     string // method and URL
	Status      int
	Message     string   // the server's own words
	Deployments []string // of a 409: the deployments that hold the lock
}

// Error gives the words and where they are from.
func (r *Refused) Error() string {
	return fmt.Sprintf("%s: %d: %s", r.Request, r.Status, cmp.Or(r.Message, http.StatusText(r.Status)))
}

// refusedBy reads Marathon's errors (message, details, deployments); anything else is given as it is.
func refusedBy(method, url string, status int, said []byte) error {
	r := &Refused{Request: method + " " + url, Status: status}
	var form struct {
		Message string `json:"message"`
		Details []struct {
			Path   string   `json:"path"`
			Errors []string `json:"errors"`
		} `json:"details"`
		Deployments []struct {
			ID string `json:"id"`
		} `json:"deployments"`
	}
	if json.Unmarshal(said, &form) != nil || form.Message == "" {
		r.Message = strings.TrimSpace(string(said[:min(len(said), 512)]))
		return r
	}
	r.Message = form.Message
	for _, d := range form.Details {
		r.Message += fmt.Sprintf("; %s: %s", d.Path, strings.Join(d.Errors, ", "))
	}
	for _, d := range form.Deployments {
		r.Deployments = append(r.Deployments, d.ID)
	}
	return r
}

// Is says whether err is a refusal with the status.
func Is(err error, status int) bool {
	var r *Refused
	return errors.As(err, &r) && r.Status == status
}
