package scheduler

import "fairlead.dev/pkg/event"

// Where data and users are: traffic between regions has a price and a latency, as
// the fleet's policy states. Within a region both are nothing.

// farthest is the round trip in microseconds from which the latency part is 0; it
// also stands for links that are not known.
const farthest = 1_000_000

// link is the traffic from one region to another; false if nothing is known.
func (s *State) link(from, to string) (event.Link, bool) {
	if from == to && from != "" {
		return event.Link{}, true
	}
	if s.fleet == nil {
		return event.Link{}, false
	}
	for _, l := range s.fleet.Links {
		if l.From == from && l.To == to {
			return l, true
		}
	}
	return event.Link{}, false
}

// egress is what reading its data costs one replica in a region, in micro-units per
// hour, and what it would cost over the dearest link.
func (s *State) egress(q *query, region string) (price, dearest int64) {
	most := int64(0)
	if s.fleet != nil {
		for _, l := range s.fleet.Links {
			most = max(most, l.Price)
		}
	}
	for _, d := range q.spec.Policy.Data {
		per := most
		if l, known := s.link(d.Region, region); known {
			per = l.Price
		}
		price = addCost(price, int64(d.GibPerHour), per, 1)
		dearest = addCost(dearest, int64(d.GibPerHour), most, 1)
	}
	return price, dearest
}

// nearData is a million where reading its data costs nothing, 0 over the dearest link.
func (s *State) nearData(q *query, region string) int64 {
	price, dearest := s.egress(q, region)
	if dearest == 0 {
		return million
	}
	return million - share(price, dearest)
}

// nearAudience is a million next to the users, 0 a second or farther away.
func (s *State) nearAudience(q *query, region string) int64 {
	sum, weights := int64(0), int64(0)
	for _, a := range q.spec.Policy.Audience {
		away := int64(farthest)
		if l, known := s.link(a.Region, region); known {
			away = min(away, l.LatencyMicros)
		}
		sum += int64(a.Weight) * (farthest - away)
		weights += int64(a.Weight)
	}
	if weights == 0 {
		return million
	}
	return share(sum, weights*farthest)
}

// external is a score set from outside, brought from -100..100 to millionths; what
// has expired or was never set counts as 0.
func (s *State) external(c *cluster, name string) int64 {
	d := s.scores[scoreID{c.id, name}]
	if d == nil || d.ValidUntil > 0 && d.ValidUntil <= s.stored {
		return 0
	}
	return int64(d.Value) * (million / 100)
}
