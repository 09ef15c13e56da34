package scheduler

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"fairlead.dev/pkg/event"
)

// class is what one replica asks of a node: workloads of one class fit in the same
// places. Equal classes are the same pointer.
type class struct {
	key           string // request and conditions, as text: it stands in snapshots
	conditions    string // what it asks of nodes beside room
	request       event.Resources
	nodes         []event.Requirement
	architectures []string
	tolerations   []event.Toleration
	maxPrice      int64 // of a replica, in micro-units per hour; 0 is no cap

	asked                 int64 // replicas that workloads want of it
	id                    uint32
	basic                 bool       // it asks for CPU and memory alone
	leastCPU, leastMemory int64      // of a node that holds one; below everything where nothing is asked for
	opens                 []openness // by sort of shape; a cache

	usual   *class // what others may ask for in its place; a cache
	usualOf uint32 // the stamp of the tables then
}

// openness is whether shapes of a sort may be used.
type openness uint8

const (
	openUnknown openness = iota
	openYes
	openNo
)

// class finds or makes the class of a wish.
func (t *tables) class(spec *event.WorkloadSubmitted) *class {
	b := appendRequest(t.key[:0], spec.Template.Resources)
	b = append(b, '|')
	conditions := len(b)
	b = appendConditions(b, spec)
	t.key = b
	if c, ok := t.classes[string(b)]; ok {
		return c
	}
	if len(t.classes) >= maxStates {
		maps.DeleteFunc(t.classes, func(_ string, c *class) bool { return c.asked == 0 })
		t.forgetWishes() // they may be of those
	}
	t.ids++
	c := &class{
		id:            t.ids,
		request:       spec.Template.Resources,
		nodes:         spec.Policy.Nodes,
		architectures: spec.Template.Architectures,
		tolerations:   spec.Policy.Tolerations,
		maxPrice:      spec.Policy.MaxPrice,
		key:           string(b),
	}
	c.measure()
	c.conditions = c.key[conditions:]
	t.classes[c.key] = c
	return c
}

// named is the class with that key. One that no wish is of any more is known by its
// request alone.
func (t *tables) named(key string, request event.Resources) *class {
	if c := t.classes[key]; c != nil {
		return c
	}
	t.ids++
	c := &class{id: t.ids, key: key, request: request, conditions: conditionsOf(key)}
	c.measure()
	return c
}

// measure works out what is asked of the request again and again.
func (c *class) measure() {
	r := &c.request
	c.basic = r.GPUMilli <= 0 && len(r.Extended) == 0
	c.leastCPU, c.leastMemory = math.MinInt64, math.MinInt64
	if r.CPUMilli > 0 {
		c.leastCPU = r.CPUMilli
	}
	if r.MemoryBytes > 0 {
		c.leastMemory = r.MemoryBytes
	}
}

func appendRequest(b []byte, r event.Resources) []byte {
	b = strconv.AppendInt(b, r.CPUMilli, 10)
	b = strconv.AppendInt(append(b, ' '), r.MemoryBytes, 10)
	b = strconv.AppendInt(append(b, ' '), r.GPUMilli, 10)
	for _, name := range sortedKeys(r.Extended) {
		b = strconv.AppendQuote(append(b, ' '), name)
		b = strconv.AppendInt(append(b, '='), r.Extended[name], 10)
	}
	return b
}

func appendConditions(b []byte, spec *event.WorkloadSubmitted) []byte {
	b = appendRequirements(b, spec.Policy.Nodes)
	for _, arch := range spec.Template.Architectures {
		b = strconv.AppendQuote(append(b, 'a'), arch)
	}
	b = appendTolerations(b, spec.Policy.Tolerations)
	if spec.Policy.MaxPrice > 0 {
		b = strconv.AppendInt(append(b, '$'), spec.Policy.MaxPrice, 10)
	}
	return b
}

func appendRequirements(b []byte, all []event.Requirement) []byte {
	for _, r := range all {
		b = strconv.AppendQuote(append(b, 'r'), r.Key)
		b = append(append(b, ' '), r.Operator...)
		for _, value := range r.Values {
			b = strconv.AppendQuote(b, value)
		}
	}
	return b
}

// appendTolerations names what is tolerated; for how long makes no other class.
func appendTolerations(b []byte, all []event.Toleration) []byte {
	for _, t := range all {
		b = strconv.AppendQuote(append(b, 't'), t.Key)
		b = append(append(b, ' '), t.Operator...)
		b = strconv.AppendQuote(append(b, ' '), t.Value)
		b = append(append(b, ' '), t.Effect...)
	}
	return b
}

// conditionsOf is the part of a class key that is not the request.
func conditionsOf(key string) string {
	quoted := false
	for i := 0; i < len(key); i++ {
		switch key[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case '|':
			if !quoted {
				return key[i+1:]
			}
		}
	}
	return ""
}

// open says whether nodes of the shape may be used: architecture, labels, taints.
func (c *class) open(shape *event.NodeShape) bool {
	return c.arch(shape) && c.labels(shape) && event.Repelled(shape.Taints, c.tolerations) == nil
}

// openTo is open for a shape of that sort; what it comes to is kept.
func (c *class) openTo(sort int32, shape *event.NodeShape) bool {
	if int(sort) >= len(c.opens) {
		c.opens = append(c.opens, make([]openness, int(sort)+1-len(c.opens))...)
	}
	if c.opens[sort] == openUnknown {
		c.opens[sort] = openNo
		if c.open(shape) {
			c.opens[sort] = openYes
		}
	}
	return c.opens[sort] == openYes
}

func (c *class) arch(shape *event.NodeShape) bool {
	return len(c.architectures) == 0 || shape.Arch == "" || slices.Contains(c.architectures, shape.Arch)
}

func (c *class) labels(shape *event.NodeShape) bool {
	for i := range c.nodes {
		if !c.nodes[i].Matches(shape.Labels) {
			return false
		}
	}
	return true
}
