package foreign

import (
	"context"
	"encoding/json"
	"testing"

	natsjs "github.com/cloudevents/sdk-go/protocol/nats_jetstream/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	ce "github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
)

// The SDK's own NATS binding publishes a workload in both modes; it sends structured
// events without any header, and binary ones with the content type as an attribute.
func TestFairleadReadsWhatTheGoSDKWrites(t *testing.T) {
	url := startServer(t)
	js := connect(t, url)
	const subject = "fairlead.intents.tenant.shop.workload.submitted"
	sender, err := natsjs.NewSender(url, string(event.Intents), subject, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close(context.Background())

	for i, mode := range []func(context.Context) context.Context{binding.WithForceStructured, binding.WithForceBinary} {
		foreign := submission(t)
		if err := sender.Send(mode(t.Context()), (*binding.EventMessage)(&foreign)); err != nil {
			t.Fatal(err)
		}
		e := stored(t, js, event.Intents, uint64(i+1))
		wantSubmission(t, e)
	}
}

// submission is a workload in the SDK's own words.
func submission(t *testing.T) ce.Event {
	t.Helper()
	e := ce.New()
	e.SetID("build-4711")
	e.SetSource("/tenants/shop/ci")
	e.SetType("dev.fairlead.workload.submitted.v1")
	e.SetSubject("shop/web")
	e.SetExtension("custom", "kept")
	data := map[string]any{
		"tenant": "shop", "name": "web", "kind": "service", "replicas": 3,
		"template": map[string]any{"image": "nginx:1.29", "env": map[string]string{"GREETING": "Grüß Gott"}},
	}
	if err := e.SetData("application/json", data); err != nil {
		t.Fatal(err)
	}
	return e
}

func wantSubmission(t *testing.T, e event.Event) {
	t.Helper()
	p, ok := e.Data.(*event.WorkloadSubmitted)
	if !ok || p.ID().String() != "shop/web" || p.Replicas != 3 || p.Template.Env["GREETING"] != "Grüß Gott" {
		t.Errorf("data %+v", e.Data)
	}
	if e.ID != "build-4711" || e.Source != "/tenants/shop/ci" || e.Extensions["custom"] != "kept" {
		t.Errorf("envelope %+v", e)
	}
}

// The SDK's own NATS binding reads every event of the catalog.
func TestTheGoSDKReadsWhatFairleadWrites(t *testing.T) {
	url := startServer(t)
	for stream, list := range published(t, connect(t, url)) {
		consumer, err := natsjs.NewConsumer(url, string(stream), event.FilterStream(stream), nil, nil,
			[]nats.SubOpt{nats.BindStream(string(stream)), nats.DeliverAll()})
		if err != nil {
			t.Fatal(err)
		}
		closed := make(chan error, 1)
		go func() { closed <- consumer.OpenInbound(t.Context()) }()
		for _, want := range list {
			compare(t, want, receive(t, consumer))
		}
		if err := consumer.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
}

func receive(t *testing.T, consumer *natsjs.Consumer) seen {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := consumer.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	e, err := binding.ToEvent(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	attributes := plain(t, text).(map[string]any)
	data := attributes["data"]
	delete(attributes, "data")
	return seen{Subject: m.(*natsjs.Message).Msg.Subject, Attributes: attributes, Data: data}
}
