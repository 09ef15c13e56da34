package event

// PositionsOf gives the positions that a record of PLACEMENTS carries; false for
// commands to place or withdraw, which follow from a record that does, and for facts.
func PositionsOf(p Payload) (Positions, bool) {
	switch d := p.(type) {
	case *PlacementDecided:
		return d.Positions, true
	case *PlacementTicked:
		return d.Positions, true
	case *EpochStarted:
		return d.Positions, true
	case *CommandSynchronise:
		return d.Positions, true
	case *ClusterSuspected:
		return d.Positions, true
	case *ClusterRecovered:
		return d.Positions, true
	case *ClusterLost:
		return d.Positions, true
	case *EvictionsChanged:
		return d.Positions, true
	case *SteeringPlanned:
		return d.Positions, true
	}
	return Positions{}, false
}
