package event

import "testing"

func TestTolerations(t *testing.T) {
	taint := Taint{Key: "gpu", Value: "yes", Effect: TaintEffectNoSchedule}
	for name, c := range map[string]struct {
		o    Toleration
		want bool
	}{
		"equal":          {Toleration{Key: "gpu", Operator: TolerationOperatorEqual, Value: "yes"}, true},
		"other value":    {Toleration{Key: "gpu", Operator: TolerationOperatorEqual, Value: "no"}, false},
		"exists":         {Toleration{Key: "gpu", Operator: TolerationOperatorExists}, true},
		"everything":     {Toleration{Operator: TolerationOperatorExists}, true},
		"no key":         {Toleration{Value: "yes"}, false},
		"other effect":   {Toleration{Key: "gpu", Operator: TolerationOperatorExists, Effect: TaintEffectNoExecute}, false},
		"the effect too": {Toleration{Key: "gpu", Operator: TolerationOperatorExists, Effect: TaintEffectNoSchedule}, true},
	} {
		if got := c.o.Tolerates(taint); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestRepelled(t *testing.T) {
	taints := []Taint{
		{Key: "old", Effect: TaintEffectPreferNoSchedule}, {Key: "gpu", Value: "yes", Effect: TaintEffectNoSchedule}, {Key: "bad", Effect: TaintEffectNoExecute},
	}
	gpu := Toleration{Key: "gpu", Operator: TolerationOperatorExists}
	if got := Repelled(taints, nil); got == nil || got.Key != "gpu" {
		t.Errorf("without tolerations: %v", got)
	}
	if got := Repelled(taints, []Toleration{gpu}); got == nil || got.Key != "bad" {
		t.Errorf("with one: %v", got)
	}
	if got := Repelled(taints, []Toleration{gpu, {Key: "bad"}}); got != nil {
		t.Errorf("with both: %v", got)
	}
}
