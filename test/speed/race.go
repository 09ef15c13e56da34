package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/test/harness"
)

// race is the service and the broker alone in turn.
type race struct{ laps []lap }

// lap is one round: the same messages recorded by the service and appended raw.
type lap struct {
	messages, decisions, bytes int
	placement, raw             time.Duration
	placementBusy, rawBusy     time.Duration // processor time, the broker's with it
}

func (l lap) rate() float64         { return float64(l.messages) / l.placement.Seconds() }
func (l lap) rawRate() float64      { return float64(l.messages) / l.raw.Seconds() }
func (l lap) decisionRate() float64 { return float64(l.decisions) / l.placement.Seconds() }
func (l lap) cpu() time.Duration    { return l.placementBusy / time.Duration(max(1, l.decisions)) }
func (l lap) rawCPU() time.Duration { return l.rawBusy / time.Duration(max(1, l.decisions)) }
func (l lap) ratio() float64        { return l.raw.Seconds() / l.placement.Seconds() }

func (r race) sum() lap {
	var all lap
	for _, l := range r.laps {
		all.messages += l.messages
		all.decisions += l.decisions
		all.bytes += l.bytes
		all.placement += l.placement
		all.raw += l.raw
		all.placementBusy += l.placementBusy
		all.rawBusy += l.rawBusy
	}
	return all
}

func (r race) ratios() string {
	var out []string
	for _, l := range r.laps {
		out = append(out, fmt.Sprintf("%.2f", l.ratio()))
	}
	return strings.Join(out, " ")
}

// runRace runs the rounds over two brokers in this process.
func runRace(ctx context.Context, n flood, tell func(int, lap)) (race, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	var r race
	ours, err := harness.StartBroker(ctx)
	if err != nil {
		return r, err
	}
	defer ours.Stop()
	bare, err := newRaw(ctx)
	if err != nil {
		return r, err
	}
	defer bare.broker.Stop()
	clusters, err := n.join(ctx, ours)
	if err != nil {
		return r, fmt.Errorf("join: %w", err)
	}
	for round := range n.rounds {
		l, err := n.lap(ctx, ours, bare, clusters, round)
		if err != nil {
			return r, fmt.Errorf("round %d: %w", round, err)
		}
		r.laps = append(r.laps, l)
		tell(round+1, l)
	}
	return r, nil
}

// lap pours one flood, times the service on it and the broker alone on the same messages.
// The clusters then carry out what they were told, as agents do all the time.
func (n flood) lap(ctx context.Context, ours *harness.Broker, bare *raw, clusters sites, round int) (lap, error) {
	if err := n.pour(ctx, ours, round); err != nil {
		return lap{}, err
	}
	recorded, err := n.measure(ctx, ours, round)
	if err != nil {
		return lap{}, err
	}
	l := lap{messages: len(recorded.messages), decisions: recorded.decisions, placement: recorded.took, placementBusy: recorded.busy}
	for _, m := range recorded.messages {
		l.bytes += m.Size()
	}
	measured, err := n.open(fmt.Sprintf("raw-%d", round+1))
	if err != nil {
		return l, err
	}
	l.raw, err = bare.append(ctx, recorded.messages)
	l.rawBusy = measured.close()
	if err != nil {
		return l, err
	}
	if err := clusters.carryOut(recorded.places); err != nil {
		return l, err
	}
	return l, clusters.report(ctx, ours)
}

// raw is a broker with the same settings and nobody on it.
type raw struct {
	broker *harness.Broker
	chain  *stream.Appender
}

func newRaw(ctx context.Context) (*raw, error) {
	b, err := harness.StartBroker(ctx)
	if err != nil {
		return nil, err
	}
	epoch := event.New(event.PlacementSource("sim"), &event.EpochStarted{Engine: "raw", Epoch: 1, Leader: "sim"})
	epoch.ID = "e_1"
	fence, err := event.Encode(epoch)
	if err != nil {
		b.Stop()
		return nil, err
	}
	r := &raw{broker: b, chain: b.Log.Appender(0)}
	if _, _, err := r.chain.Append(ctx, []*nats.Msg{fence}).Wait(ctx); err != nil {
		b.Stop()
		return nil, err
	}
	r.chain.Fence(fence.Subject, 1)
	return r, nil
}

// append puts the messages into the same stream with the same fence as the service, in
// batches of 1000, the largest there are, and with as many in flight.
func (r *raw) append(ctx context.Context, messages []*nats.Msg) (time.Duration, error) {
	began := time.Now()
	var pending []*stream.Pending
	for len(messages) > 0 {
		n := min(1000, len(messages))
		pending = append(pending, r.chain.Append(ctx, messages[:n]))
		messages = messages[n:]
	}
	for _, p := range pending {
		if _, _, err := p.Wait(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}
