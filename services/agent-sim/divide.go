package agentsim

import (
	"maps"
	"reflect"
	"slices"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// divide says which replicas of the old object stay in the next one: as many as it
// wants, where it wants them, the furthest in their life first. A replica that asks
// for other room than the next object does cannot stay.
func (c *Cluster) divide(old, next *object) (stay, end []*replica) {
	if old == nil {
		return nil, nil
	}
	if !sameRoom(old, next) {
		return nil, old.replicas
	}
	seats := c.seats(next)
	byAge := slices.Clone(old.replicas)
	slices.SortStableFunc(byAge, func(a, b *replica) int { return int(b.phase) - int(a.phase) })
	for _, r := range byAge {
		if take(seats, r) {
			stay = append(stay, r)
		} else {
			end = append(end, r)
		}
	}
	return stay, end
}

func sameRoom(old, next *object) bool {
	return old.desired.Kind == next.desired.Kind &&
		reflect.DeepEqual(old.desired.Template.Resources, next.desired.Template.Resources) &&
		reflect.DeepEqual(old.desired.Nodes, next.desired.Nodes) &&
		slices.Equal(old.desired.Template.Architectures, next.desired.Template.Architectures)
}

// seats are the wanted replicas by the shape they are pinned to; "" for any.
func (c *Cluster) seats(o *object) map[string]int {
	seats := map[string]int{}
	rest := o.wanted
	if c.spec.Placement == Pinned {
		for _, use := range o.desired.Shapes {
			n := min(rest, use.Replicas)
			seats[c.pin(use.Shape)] += n
			rest -= n
		}
	}
	seats[""] += rest
	return seats
}

// pin is the shape's name if there is such a shape: one that was merged with others in
// a report stands for any.
func (c *Cluster) pin(name string) string {
	if slices.ContainsFunc(c.shapes, func(s *shape) bool { return s.Name == name }) {
		return name
	}
	return ""
}

// take gives a replica a seat: one of the shape it is on, else any.
func take(seats map[string]int, r *replica) bool {
	name := r.pin
	if r.hold != nil {
		name = r.hold.node.shape.Name
	}
	for _, seat := range []string{name, r.pin, ""} {
		if seats[seat] > 0 {
			seats[seat]--
			r.pin = seat
			return true
		}
	}
	return false
}

// meant is the room that was meant for the i-th of the missing replicas: what the
// command says of the last ones on a shape is said of those that are new there.
func meant(o *object, missing []string, i int) *event.FreeNodes {
	nth, all := 0, 0
	for j, pin := range missing {
		if pin == missing[i] {
			all++
			if j < i {
				nth++
			}
		}
	}
	for _, use := range o.desired.Shapes {
		if use.Shape == missing[i] {
			return room.Meant(use.On, nth, all)
		}
	}
	return nil
}

// missing gives the pins of the seats that the replicas which stay leave empty.
func (c *Cluster) missing(o *object, stay []*replica) []string {
	seats := c.seats(o)
	for _, r := range stay {
		seats[r.pin]--
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(seats)) {
		for range seats[name] {
			out = append(out, name)
		}
	}
	return out
}
