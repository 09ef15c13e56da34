package inventory

// Keys are what nodes of an orchestrator call the labels that every cluster has.
type Keys struct {
	Region, Zone, InstanceType, Provider string
}

// Standard gives the label by which the federation knows one of theirs.
func (k Keys) Standard(own string) string {
	switch own {
	case k.Region:
		return LabelRegion
	case k.Zone:
		return LabelZone
	case k.InstanceType:
		return LabelInstanceType
	}
	return own
}

// Own is the other way round.
func (k Keys) Own(label string) string {
	switch label {
	case LabelRegion:
		return k.Region
	case LabelZone:
		return k.Zone
	case LabelInstanceType:
		return k.InstanceType
	}
	return label
}
