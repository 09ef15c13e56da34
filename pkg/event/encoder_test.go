package event_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
)

// What an Encoder gives is what Encode gives, also after it went on for many pieces and
// after others changed the headers of their messages, as an append does.
func TestEncoderGivesTheBytesOfEncode(t *testing.T) {
	var enc event.Encoder
	var events []event.Event
	var got []*nats.Msg
	for round := range 200 {
		for i, f := range fixtures(t, "valid") {
			e := f.event(t)
			e.ID = fmt.Sprintf("%s-%d-%d", strings.Repeat("x", round), round, i)
			e.Time = time.Unix(1_700_000_000, int64(i/7))
			e.At.Sequence = uint64(round)
			m, err := enc.Encode(e)
			if err != nil {
				t.Fatalf("%s: %v", f.name, err)
			}
			got, events = append(got, m), append(events, e)
		}
	}
	for i, e := range events {
		want, err := event.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got[i], want) {
			t.Fatalf("event %d of %d:\ngot  %s %s %s\nwant %s %s %s", i, len(events),
				got[i].Subject, got[i].Header, got[i].Data, want.Subject, want.Header, want.Data)
		}
		got[i].Header.Set("Nats-Expected-Last-Sequence", "1")
		for name := range got[i].Header {
			got[i].Header.Add(name, "more")
		}
		got[i].Data = append(got[i].Data, "more"...)
	}
}

func TestEncoderRefusesWhatEncodeRefuses(t *testing.T) {
	var enc event.Encoder
	for _, e := range []event.Event{
		{},
		{ID: "1", Source: event.OperatorSource("ann"), Data: &event.ClusterCordoned{Cluster: "-"}},
		{ID: "1", Source: event.SubmitterSource("shop", "ci"), Data: &event.ClusterCordoned{Cluster: "eu-1"}},
		{ID: strings.Repeat("x", event.MaxSize), Source: event.OperatorSource("ann"), Data: &event.ClusterCordoned{Cluster: "eu-1"}},
	} {
		_, want := event.Encode(e)
		if _, err := enc.Encode(e); err == nil || err.Error() != want.Error() {
			t.Errorf("%v is refused with %v, want %v", e.Data, err, want)
		}
	}
}
