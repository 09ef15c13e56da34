package swarm

import (
	"fmt"
	"testing"
	"time"

	"github.com/moby/moby/api/types/swarm"
	"github.com/moby/moby/client"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-swarm/cluster"
	"fairlead.dev/test/swarm/engine"
)

// TestNodes labels, drains and loses nodes of a swarm of its own, and watches what is reported.
func TestNodes(t *testing.T) {
	e := engine.Start(t, 3)
	s := newScene(t, e)
	for node, zone := range []string{"eu-a", "eu-a", "eu-b"} {
		s.label(node, map[string]string{"region": "eu", "zone": zone, "instance-type": "m5", "tier": zone})
	}
	c := s.agent()
	v, err := c.Observe(t.Context())
	s.must(err)
	if v.Facts.Region != "eu" || v.Facts.Zone != "" || len(v.Shapes) != 3 { // each has another number of fpgas
		t.Errorf("facts %+v and %d shapes", v.Facts, len(v.Shapes))
	}
	for _, shape := range v.Shapes {
		if shape.Labels[inventory.LabelZone] == "" || shape.Labels[inventory.LabelInstanceType] != "m5" || shape.Arch == "" || shape.Extended["fpga"] == 0 {
			t.Errorf("shape %+v", shape)
		}
	}
	zoned := s.desired(web, 1, 2, func(d *agent.Desired) {
		d.Nodes = []event.Requirement{{Key: inventory.LabelZone, Operator: event.OperatorIn, Values: []string{"eu-b"}}}
	})
	s.must(c.Apply(t.Context(), zoned))
	o := s.object(c, web, "ready in its zone", func(o agent.Object) bool { return o.Ready == 2 && len(o.Bound) == 1 })
	if o.Bound[0].Replicas != 2 || zoneOf(v, o.Bound[0].Shape) != "eu-b" {
		t.Errorf("bound %+v of %+v", o.Bound, v.Shapes)
	}
	s.rejected(c.Apply(t.Context(), s.desired(web, 2, 1, func(d *agent.Desired) {
		d.Nodes = []event.Requirement{{Key: inventory.LabelZone, Operator: event.OperatorIn, Values: []string{"eu-c"}}}
		d.Template.Resources.CPUMilli = 200
		d.Workload.Name = "nowhere"
	})), event.RejectReasonCapacity)

	s.drain(2)
	o = s.object(c, web, "without a node", func(o agent.Object) bool { return o.Unschedulable == 2 && o.Ready == 0 })
	wantReason(t, o, "pending", "no suitable node")

	anywhere := s.desired(web, 3, 2, nil)
	s.must(c.Apply(t.Context(), anywhere))
	s.object(c, web, "ready elsewhere", func(o agent.Object) bool { return o.Ready == 2 && o.Hash == anywhere.Hash })
	before := free(s, c)
	began := time.Now()
	s.must(e.KillNode(1))
	s.object(c, web, "ready on what is left", func(o agent.Object) bool {
		return o.Ready == 2 && len(o.Bound) == 1 && free(s, c) < before
	})
	t.Logf("the replicas of a node that was killed ran elsewhere after %s", time.Since(began))
	s.must(e.StartNode(1))
	s.eventually("the node back", func() error {
		if now := free(s, c); now < before {
			return errFree(now)
		}
		return nil
	})
}

func zoneOf(v agent.View, shape string) string {
	for _, s := range v.Shapes {
		if s.Name == shape {
			return s.Labels[inventory.LabelZone]
		}
	}
	return ""
}

// free is the CPU that is reported free, in thousandths.
func free(s *scene, c *cluster.Cluster) (sum errFree) {
	s.t.Helper()
	v, err := c.Observe(s.t.Context())
	s.must(err)
	for _, shape := range v.Shapes {
		for _, f := range shape.Free {
			sum += errFree(int64(f.Nodes) * f.CPUMilli)
		}
	}
	return sum
}

// node gives the node with this label of its engine.
func (s *scene) node(number int) swarm.Node {
	s.t.Helper()
	nodes, err := s.api.NodeList(s.t.Context(), client.NodeListOptions{})
	s.must(err)
	for _, n := range nodes.Items {
		if n.Description.Engine.Labels["node"] == string(rune('0'+number)) {
			return n
		}
	}
	s.t.Fatalf("no node %d", number)
	return swarm.Node{}
}

func (s *scene) label(number int, labels map[string]string) {
	s.t.Helper()
	s.changeNode(number, func(spec *swarm.NodeSpec) { spec.Labels = labels })
}

func (s *scene) drain(number int) {
	s.t.Helper()
	s.changeNode(number, func(spec *swarm.NodeSpec) { spec.Availability = swarm.NodeAvailabilityDrain })
}

func (s *scene) changeNode(number int, change func(*swarm.NodeSpec)) {
	s.t.Helper()
	s.eventually("a change to a node", func() error {
		n := s.node(number)
		change(&n.Spec)
		_, err := s.api.NodeUpdate(s.t.Context(), n.ID, client.NodeUpdateOptions{Version: n.Version, Spec: n.Spec})
		return err
	})
}

// errFree is an amount of free CPU that is not enough.
type errFree int64

func (e errFree) Error() string { return fmt.Sprintf("%d thousandths of CPU are free", int64(e)) }
