package mesos

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// missed is how many heartbeats may fail to come, as Mesos advises.
const missed = 5

// assumed is the interval of a master that does not say its own; it is Mesos' default.
const assumed = 15 * time.Second

// errSilent says why a stream was given up.
var errSilent = errors.New("five heartbeats in a row did not come")

// Events calls changed for every change until ctx ends, the stream breaks, or its heartbeats stay
// away; it always returns why.
func (c Client) Events(ctx context.Context, changed func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(missed*assumed, func() { cancel(errSilent) })
	defer watch.Stop()
	err := c.follow(ctx, watch, changed)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("follow Mesos' events: %w", err)
}

func (c Client) follow(ctx context.Context, watch *time.Timer, changed func()) error {
	stream, err := c.Open(ctx, http.MethodPost, path, "application/json", call{"SUBSCRIBE"})
	if err != nil {
		return err
	}
	defer stream.Close()
	patience := missed * assumed
	for records := bufio.NewReader(stream); ; watch.Reset(patience) {
		record, err := readRecord(records)
		if err != nil {
			return err
		}
		var e struct {
			Type       string `json:"type"`
			Subscribed struct {
				Heartbeat float64 `json:"heartbeat_interval_seconds"`
			} `json:"subscribed"`
		}
		if err := json.Unmarshal(record, &e); err != nil {
			return fmt.Errorf("an event cannot be read: %w", err)
		}
		if s := e.Subscribed.Heartbeat; e.Type == "SUBSCRIBED" && s > 0 {
			patience = time.Duration(missed * s * float64(time.Second))
		}
		if e.Type != "HEARTBEAT" {
			changed()
		}
	}
}
