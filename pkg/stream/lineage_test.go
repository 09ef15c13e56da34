package stream

import "testing"

func TestLineage(t *testing.T) {
	l := Lineage("").Continue(Ancestor{"a", 10, 100}).Continue(Ancestor{"b", 120, 900})
	s := StreamState{First: 1, Last: 899, Messages: 30, Incarnation: "c", Lineage: l}.resting()
	if s.Last != 120 || s.End() != 899 {
		t.Errorf("ends at %d, the next follows %d", s.Last, s.End())
	}
	for place, want := range map[Ancestor]bool{
		{Incarnation: "a", Through: 10}: true, {Incarnation: "a", Through: 11}: false,
		{Incarnation: "b", Through: 120}: true, {Incarnation: "b", Through: 899}: false,
		{Incarnation: "c", Through: 5000}: true, {Incarnation: "d", Through: 1}: false, {Incarnation: "", Through: 1}: false,
	} {
		if got := s.Means(place.Incarnation, place.Through); got != want {
			t.Errorf("%d of %q means the same here: %t", place.Through, place.Incarnation, got)
		}
	}
	for gap, want := range map[[2]uint64]bool{{11, 99}: true, {50, 60}: true, {10, 99}: false, {11, 100}: false, {121, 899}: true, {121, 900}: false} {
		if l.leftOut(gap[0], gap[1]) != want {
			t.Errorf("%d to %d were left out: %t", gap[0], gap[1], !want)
		}
	}
	twice := Lineage("").Continue(Ancestor{"a", 10, 100}).Continue(Ancestor{"b", 99, 900})
	if s := (StreamState{First: 1, Last: 899, Messages: 10, Incarnation: "c", Lineage: twice}).resting(); s.Last != 10 || s.End() != 899 || !twice.leftOut(11, 899) || twice.leftOut(11, 900) {
		t.Errorf("restored twice, it ends at %d, the next follows %d", s.Last, s.End())
	}
	if on := (StreamState{First: 1, Last: 901, Messages: 31, Lineage: l}).resting(); on.Last != 901 || on.End() != 901 {
		t.Errorf("a stream that went on ends at %d, %d", on.Last, on.End())
	}
}

func TestLineageThatIsNone(t *testing.T) {
	for _, text := range []Lineage{"", ",", "a:1", "a:x:9", "a:9:9", "a:9:3", "a:1:2:3"} {
		if all := text.Ancestors(); len(all) > 0 {
			t.Errorf("%q: %v", text, all)
		}
	}
}
