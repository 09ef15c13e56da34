package event_test

import (
	"math"
	"reflect"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"fairlead.dev/pkg/event"
)

// The generators draw what the contract allows, edges included. rapid prints the
// seed of a failing run.
var (
	names     = rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`)
	anyText   = rapid.StringN(0, 40, -1)
	plainText = rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.S), 1, 40, -1)
	ordinals  = rapid.Uint64Range(1, event.MaxInteger)
	positions = rapid.Uint64Range(0, event.MaxInteger)
	amounts   = rapid.Int64Range(0, event.MaxInteger)
	counts    = rapid.IntRange(0, 1_000_000)
)

func drawPositions(t *rapid.T) event.Positions {
	return event.Positions{
		Intents:  positions.Draw(t, "intents"),
		Status:   positions.Draw(t, "status"),
		Capacity: positions.Draw(t, "capacity"),
	}
}

func drawLabels(t *rapid.T) map[string]string {
	return nonEmpty(rapid.MapOfN(anyText, anyText, 0, 4).Draw(t, "labels"))
}

// nonEmpty gives nil for nothing, as decoding does.
func nonEmpty[M ~map[K]V, K comparable, V any](m M) M {
	if len(m) == 0 {
		return nil
	}
	return m
}

func drawResources(t *rapid.T) event.Resources {
	return event.Resources{
		CPUMilli:    amounts.Draw(t, "cpu"),
		MemoryBytes: amounts.Draw(t, "memory"),
		GPUMilli:    rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Map(rapid.Int64Range(1, 1024), thousand)).Draw(t, "gpu"),
		Extended:    nonEmpty(rapid.MapOfN(anyText, amounts, 0, 3).Draw(t, "extended")),
	}
}

func thousand(n int64) int64 { return n * 1000 }

func drawSubmitted(t *rapid.T) event.Payload {
	return &event.WorkloadSubmitted{
		Tenant:   event.Tenant(names.Draw(t, "tenant")),
		Name:     event.WorkloadName(names.Draw(t, "name")),
		Kind:     rapid.SampledFrom([]event.Kind{event.KindService, event.KindJob, event.KindVM}).Draw(t, "kind"),
		Replicas: counts.Draw(t, "replicas"),
		Labels:   drawLabels(t),
		Template: event.Template{
			Image:     anyText.Draw(t, "image"),
			Env:       drawLabels(t),
			Resources: drawResources(t),
		},
		Policy: event.Policy{Priority: rapid.IntRange(-1_000_000, 1_000_000).Draw(t, "priority")},
	}
}

func drawShape(t *rapid.T, name string) event.NodeShape {
	s := event.NodeShape{
		Name:        name,
		Nodes:       rapid.IntRange(0, 10_000_000).Draw(t, "nodes"),
		CPUMilli:    amounts.Draw(t, "cpu"),
		MemoryBytes: amounts.Draw(t, "memory"),
		Labels:      drawLabels(t),
		Free:        []event.FreeNodes{},
	}
	if s.Nodes > 0 {
		s.Free = append(s.Free, event.FreeNodes{
			Nodes:    rapid.IntRange(0, s.Nodes).Draw(t, "free"),
			CPUMilli: rapid.Int64Range(0, s.CPUMilli).Draw(t, "free cpu"),
		})
	}
	return s
}

func drawCapacity(t *rapid.T) event.Payload {
	p := &event.ClusterCapacityReported{
		Cluster:        event.ClusterID(names.Draw(t, "cluster")),
		Incarnation:    ordinals.Draw(t, "incarnation"),
		Report:         ordinals.Draw(t, "report"),
		AppliedThrough: positions.Draw(t, "applied"),
		Orchestrator:   names.Draw(t, "orchestrator"),
		Region:         anyText.Draw(t, "region"),
		Kinds:          []event.Kind{event.KindService},
		Labels:         drawLabels(t),
		Shapes:         []event.NodeShape{},
	}
	for _, name := range rapid.SliceOfNDistinct(names, 0, 4, rapid.ID[string]).Draw(t, "shapes") {
		p.Shapes = append(p.Shapes, drawShape(t, name))
	}
	return p
}

func drawDecided(t *rapid.T) event.Payload {
	return &event.PlacementDecided{
		Tenant:     event.Tenant(names.Draw(t, "tenant")),
		Workload:   event.WorkloadName(names.Draw(t, "workload")),
		Generation: positions.Draw(t, "generation"),
		Verdict:    event.VerdictPlaced,
		Replicas:   counts.Draw(t, "replicas"),
		Assignments: []event.Assignment{{
			Cluster:  event.ClusterID(names.Draw(t, "cluster")),
			Replicas: counts.Draw(t, "there"),
			Score:    rapid.Int64Range(-event.MaxInteger, event.MaxInteger).Draw(t, "score"),
		}},
		Reason:    anyText.Draw(t, "reason"),
		Observed:  amounts.Draw(t, "observed"),
		Positions: drawPositions(t),
		Engine:    names.Draw(t, "engine"),
	}
}

func drawTicked(t *rapid.T) event.Payload {
	return &event.PlacementTicked{Observed: amounts.Draw(t, "observed"), Store: amounts.Draw(t, "store"), Positions: drawPositions(t)}
}

func drawEvent(t *rapid.T) event.Event {
	draw := rapid.SampledFrom([]func(*rapid.T) event.Payload{drawSubmitted, drawCapacity, drawDecided, drawTicked}).Draw(t, "type")
	p := draw(t)
	e := event.New(event.PlacementSource(names.Draw(t, "source")), p)
	if p.EventType() == event.TypeClusterCapacityReported {
		e.Source = event.AgentSource(event.ClusterID(p.ScopeName()))
	}
	e.ID = plainText.Draw(t, "id")
	e.Time = time.Unix(rapid.Int64Range(0, math.MaxInt32*3).Draw(t, "time"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
	e.Causation = rapid.OneOf(rapid.Just(""), plainText).Draw(t, "causation")
	e.Extensions = nonEmpty(rapid.MapOfN(rapid.StringMatching(`x[a-z0-9]{1,18}`), plainText, 0, 3).Draw(t, "extensions"))
	e.At = event.At{Stream: event.Placements, Sequence: positions.Draw(t, "sequence")}
	return e
}

func TestPropertyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawEvent(t)
		mode := rapid.SampledFrom(modes).Draw(t, "mode")
		msg, err := event.EncodeAs(mode, want)
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		got, err := event.Decode(msg.Subject, msg.Header, msg.Data, want.At)
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v %+v\nwant %+v %+v", got, got.Data, want, want.Data)
		}
	})
}
