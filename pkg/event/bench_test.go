package event_test

import (
	"testing"

	"fairlead.dev/pkg/event"
)

// benchmarked are the events that a federation sees most, by their fixture.
var benchmarked = []string{
	"cluster.capacity.reported/valid/full.json",
	"workload.status.reported/valid/full.json",
	"command.place/valid/full.json",
	"placement.decided/valid/placed.json",
	"placement.ticked/valid/full.json",
}

func eachBenchmarked(b *testing.B, run func(b *testing.B, e event.Event)) {
	for _, name := range benchmarked {
		found := false
		for _, f := range fixtures(b, "valid") {
			if f.name == name {
				found = true
				b.Run(f.row.Name, func(b *testing.B) { run(b, f.event(b)) })
			}
		}
		if !found {
			b.Fatalf("fixture %s is gone", name)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	eachBenchmarked(b, func(b *testing.B, e event.Event) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := event.Encode(e); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	eachBenchmarked(b, func(b *testing.B, e event.Event) {
		msg, err := event.Encode(e)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		b.SetBytes(int64(len(msg.Data)))
		for b.Loop() {
			if _, err := event.Decode(msg.Subject, msg.Header, msg.Data, event.At{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
