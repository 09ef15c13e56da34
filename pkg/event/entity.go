package event

// ID is the workload the event is about.
func (p *WorkloadSubmitted) ID() WorkloadID { return WorkloadID{p.Tenant, p.Name} }

// ID is the workload the event is about.
func (p *WorkloadWithdrawn) ID() WorkloadID { return WorkloadID{p.Tenant, p.Name} }

// ID is the workload the event is about.
func (p *WorkloadReleased) ID() WorkloadID { return WorkloadID{p.Tenant, p.Name} }

// ID is the workload the event is about.
func (p *WorkloadStatusReported) ID() WorkloadID { return WorkloadID{p.Tenant, p.Workload} }

// ID is the workload the event is about.
func (p *CommandRejected) ID() WorkloadID { return WorkloadID{p.Tenant, p.Workload} }

// ID is the workload the event is about.
func (p *CommandPlace) ID() WorkloadID { return WorkloadID{p.Tenant, p.Workload} }

// ID is the workload the event is about.
func (p *CommandWithdraw) ID() WorkloadID { return WorkloadID{p.Tenant, p.Workload} }

// ID is the workload the event is about.
func (p *PlacementDecided) ID() WorkloadID { return WorkloadID{p.Tenant, p.Workload} }

// The entity, the CloudEvents subject, is the workload as TENANT/NAME where there
// is one, else the cluster, else "" for the fleet.

// Entity is the workload.
func (p *WorkloadSubmitted) Entity() string { return p.ID().String() }

// Entity is the workload.
func (p *WorkloadWithdrawn) Entity() string { return p.ID().String() }

// Entity is the workload.
func (p *WorkloadStatusReported) Entity() string { return p.ID().String() }

// Entity is the workload.
func (p *CommandRejected) Entity() string { return p.ID().String() }

// Entity is the workload.
func (p *CommandPlace) Entity() string { return p.ID().String() }

// Entity is the workload.
func (p *CommandWithdraw) Entity() string { return p.ID().String() }

// Entity is the workload.
func (p *PlacementDecided) Entity() string { return p.ID().String() }

// Entity is the cluster.
func (p *ClusterCordoned) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ClusterUncordoned) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ClusterDrained) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ClusterLeft) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *AgentStarted) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ClusterCapacityReported) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *CommandSynchronise) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ClusterSuspected) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ClusterRecovered) Entity() string { return string(p.Cluster) }

// Entity is the fleet: none.
func (*PlacementTicked) Entity() string { return "" }

// Entity is the fleet: none.
func (*EpochStarted) Entity() string { return "" }

// Entity is the fleet: none.
func (*EpochEnded) Entity() string { return "" }

// Entity is the workload.
func (p *WorkloadReleased) Entity() string { return p.ID().String() }

// Entity is the tenant.
func (p *QuotaSet) Entity() string { return string(p.Tenant) }

// Entity is the cluster.
func (p *PriceSet) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ScoreSet) Entity() string { return string(p.Cluster) }

// Entity is the cluster.
func (p *ClusterLost) Entity() string { return string(p.Cluster) }

// Entity is the fleet: none.
func (*PolicySet) Entity() string { return "" }

// Entity is the fleet: none.
func (*EvictionsChanged) Entity() string { return "" }

// Entity is the fleet: none.
func (*SteeringPlanned) Entity() string { return "" }
