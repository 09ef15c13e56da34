package event

import (
	"reflect"
	"regexp"
	"testing"
	"time"
)

// FuzzOrdinary holds what is written in one go against what the envelope of the SDK
// writes: the same message, and nothing ordinary that the envelope would refuse.
func FuzzOrdinary(f *testing.F) {
	f.Add("d_41", "/placement/a", "submit-web", "shop/web/1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=1,b=2", int64(1_700_000_000_123_456_789), uint64(41))
	f.Add("a b", "/placement/a", "é", "\"", "\\", "%", int64(0), uint64(0))
	f.Add("<&>", "//host/x", "'", "`", "\u2028", "\x7f", int64(-1), uint64(1)<<63)
	f.Add("1", "/a:b", "", "", "", "", int64(1), uint64(1))
	f.Add("1", "/", "", "", "", "", int64(1), uint64(1))
	f.Add("1", "/../a/./b//c", "", "", "", "", int64(1<<62), uint64(1))
	f.Fuzz(func(t *testing.T, id, source, causation, correlation, parent, state string, nanos int64, sequence uint64) {
		e := Event{
			ID: id, Source: source, Causation: causation, Correlation: correlation,
			Trace: Trace{Parent: parent, State: state}, At: At{Sequence: sequence},
			Data: &ClusterCordoned{Cluster: "eu-1"},
		}
		if nanos != 0 {
			e.Time = time.Unix(0, nanos)
		}
		o, ok := (*Encoder)(nil).asOrdinary(e, byType[e.Type()])
		if !ok {
			return
		}
		data, err := marshalData(e.Data)
		if err != nil {
			t.Fatal(err)
		}
		together := new(Encoder)
		for _, mode := range []Mode{Structured, Binary} {
			want, bad := seal(e, byType[e.Type()], data, mode)
			if bad != nil {
				t.Fatalf("%+v is ordinary, the envelope refuses it: %v", e, bad)
			}
			for _, enc := range []*Encoder{nil, together} {
				got, err := o.message(mode, e.Data, enc)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s, error %v:\ngot  %s %s\nwant %s %s", mode, err, got.Header, got.Data, want.Header, want.Data)
				}
			}
		}
	})
}

// Nearly every event is ordinary: that is what makes writing cheap.
func TestUsualEventsAreOrdinary(t *testing.T) {
	e := Event{
		ID: "c_eu-1_7", Source: PlacementSource("placement"), Time: time.Unix(1_700_000_000, 5),
		Data: &ClusterCordoned{Cluster: "eu-1"}, Causation: "d_9", Correlation: "submit-1", At: At{Sequence: 9},
		Trace: Trace{Parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", State: "vendor=a:b@c;d"},
	}
	for _, source := range []string{PlacementSource("placement"), AgentSource("eu-1"), SubmitterSource("shop", "ci"), OperatorSource("ann")} {
		e.Source = source
		if _, ok := (*Encoder)(nil).asOrdinary(e, byType[e.Type()]); !ok {
			t.Errorf("%+v is not ordinary", e)
		}
	}
}

func TestPaddedSequence(t *testing.T) {
	for n, want := range map[uint64]string{0: "", 7: "00000000000000000007", 1<<64 - 1: "18446744073709551615"} {
		if got := paddedSequence(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

var nameRule = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// FuzzCheckName holds CheckName against the rule as the contract states it.
func FuzzCheckName(f *testing.F) {
	for _, name := range []string{"a", "a-b", "-a", "a-", "", "A", "a.b", "é", "a\n", "0", "*", ">"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if want := nameRule.MatchString(name); (CheckName(name) == nil) != want {
			t.Errorf("%q: %v, the rule says %t", name, CheckName(name), want)
		}
	})
}
