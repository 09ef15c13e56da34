package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"fairlead.dev/pkg/event"
)

// ServiceName is how `nats micro` lists the service.
const ServiceName = "fairlead-placement"

const subjectRoot = "fairlead.query."

// patience is how long a question may wait for the loop to answer it.
const patience = 10 * time.Second

// Serve answers questions until Stop: each is handed to ask, which must give an answer
// or return when its context ends. version is a semantic version.
func Serve(nc *nats.Conn, version string, ask func(context.Context, Question) (Answer, error)) (micro.Service, error) {
	s, err := micro.AddService(nc, micro.Config{
		Name: ServiceName, Version: version,
		Description: "answers from the state that placement decides on",
	})
	if err != nil {
		return nil, fmt.Errorf("serve queries: %w", err)
	}
	var under crowd
	handle := micro.HandlerFunc(func(r micro.Request) {
		leave := under.enter(r.Subject())
		if leave == nil {
			_ = r.Error(code(errBusy), describe(errBusy), nil) // nobody to be told that: the asker times out
			return
		}
		go func() {
			defer leave()
			respond(r, ask)
		}()
	})
	for _, k := range fleetKinds {
		err = addEndpoint(s, "fleet-"+string(k), subjectRoot+"fleet."+string(k), handle, err)
	}
	for _, k := range tenantKinds {
		err = addEndpoint(s, "tenant-"+string(k), subjectRoot+"tenant.*."+string(k), handle, err)
	}
	if err != nil {
		return nil, fmt.Errorf("serve queries: %w", err)
	}
	return s, nil
}

func addEndpoint(s micro.Service, name, subject string, h micro.Handler, before error) error {
	if before != nil {
		return before
	}
	return s.AddEndpoint(name, h, micro.WithEndpointSubject(subject))
}

// errBusy is the answer to one question too many.
var errBusy = errors.New("too many questions at once: ask again in a moment")

// respond answers one request. A failing reply has nobody to be told to: the asker
// times out.
func respond(r micro.Request, ask func(context.Context, Question) (Answer, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	q, err := parse(r.Subject(), r.Data())
	var a Answer
	if err == nil {
		if a, err = ask(ctx, q); err == nil {
			err = a.Err
		}
	}
	if err != nil {
		_ = r.Error(code(err), describe(err), nil)
		return
	}
	if !a.Stored.IsZero() {
		a.AgeMillis = max(0, time.Since(a.Stored).Milliseconds())
	}
	_ = r.RespondJSON(a)
}

// describe is the text that fromService turns back into the same error.
func describe(err error) string {
	switch e := err.(type) {
	case *NotFound:
		return e.What
	case *Invalid:
		return e.Detail
	}
	return err.Error()
}

// parse reads kind and tenant from the subject, which is what rights are given on, and
// the rest from the body.
func parse(subject string, body []byte) (Question, error) {
	var q Question
	if len(body) > 0 {
		if err := json.Unmarshal(body, &q); err != nil {
			return q, &Invalid{Detail: err.Error()}
		}
	}
	tokens := strings.Split(strings.TrimPrefix(subject, subjectRoot), ".")
	switch {
	case len(tokens) == 2 && tokens[0] == "fleet":
		q.Kind = Kind(tokens[1])
		return q, nil
	case len(tokens) == 3 && tokens[0] == "tenant":
		if err := event.CheckName(tokens[1]); err != nil {
			return q, &Invalid{Detail: "tenant: " + err.Error()}
		}
		q.Tenant, q.Kind = event.Tenant(tokens[1]), Kind(tokens[2])
		return q, nil
	}
	return q, &Invalid{Detail: fmt.Sprintf("subject %q", subject)}
}

// subject is the inverse of parse.
func (q Question) subject() string {
	if q.Tenant == "" {
		return subjectRoot + "fleet." + string(q.Kind)
	}
	return subjectRoot + "tenant." + string(q.Tenant) + "." + string(q.Kind)
}
