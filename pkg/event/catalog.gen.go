// Code generated from schemas/catalog.yaml, DO NOT EDIT.

package event

// The types of the catalog.
const (
	TypeWorkloadSubmitted       Type = "dev.fairlead.workload.submitted.v1"
	TypeWorkloadWithdrawn       Type = "dev.fairlead.workload.withdrawn.v1"
	TypeClusterCordoned         Type = "dev.fairlead.cluster.cordoned.v1"
	TypeClusterUncordoned       Type = "dev.fairlead.cluster.uncordoned.v1"
	TypeClusterDrained          Type = "dev.fairlead.cluster.drained.v1"
	TypeClusterLeft             Type = "dev.fairlead.cluster.left.v1"
	TypeWorkloadReleased        Type = "dev.fairlead.workload.released.v1"
	TypeQuotaSet                Type = "dev.fairlead.quota.set.v1"
	TypePriceSet                Type = "dev.fairlead.price.set.v1"
	TypeScoreSet                Type = "dev.fairlead.score.set.v1"
	TypePolicySet               Type = "dev.fairlead.policy.set.v1"
	TypeAgentStarted            Type = "dev.fairlead.agent.started.v1"
	TypeWorkloadStatusReported  Type = "dev.fairlead.workload.status.reported.v1"
	TypeCommandRejected         Type = "dev.fairlead.command.rejected.v1"
	TypeClusterCapacityReported Type = "dev.fairlead.cluster.capacity.reported.v1"
	TypePlacementDecided        Type = "dev.fairlead.placement.decided.v1"
	TypeCommandPlace            Type = "dev.fairlead.command.place.v1"
	TypeCommandWithdraw         Type = "dev.fairlead.command.withdraw.v1"
	TypeCommandSynchronise      Type = "dev.fairlead.command.synchronise.v1"
	TypeClusterSuspected        Type = "dev.fairlead.cluster.suspected.v1"
	TypeClusterRecovered        Type = "dev.fairlead.cluster.recovered.v1"
	TypeClusterLost             Type = "dev.fairlead.cluster.lost.v1"
	TypeEvictionsChanged        Type = "dev.fairlead.placement.evictions.changed.v1"
	TypeSteeringPlanned         Type = "dev.fairlead.steering.planned.v1"
	TypePlacementTicked         Type = "dev.fairlead.placement.ticked.v1"
	TypeEpochStarted            Type = "dev.fairlead.placement.epoch.started.v1"
	TypeEpochEnded              Type = "dev.fairlead.placement.epoch.ended.v1"
)

// catalog lists every event type, in the order of schemas/catalog.yaml.
var catalog = []Entry{
	{
		Type: TypeWorkloadSubmitted, Name: "workload.submitted", Version: 1,
		Stream: Intents, Scope: ScopeTenant, Mode: Structured, By: "service",
		Schema: "workload/submitted/v1.json",
		New:    func() Payload { return new(WorkloadSubmitted) },
	},
	{
		Type: TypeWorkloadWithdrawn, Name: "workload.withdrawn", Version: 1,
		Stream: Intents, Scope: ScopeTenant, Mode: Structured, By: "service",
		Schema: "workload/withdrawn/v1.json",
		New:    func() Payload { return new(WorkloadWithdrawn) },
	},
	{
		Type: TypeClusterCordoned, Name: "cluster.cordoned", Version: 1,
		Stream: Intents, Scope: ScopeCluster, Mode: Structured, By: "operator",
		Schema: "cluster/cordoned/v1.json",
		New:    func() Payload { return new(ClusterCordoned) },
	},
	{
		Type: TypeClusterUncordoned, Name: "cluster.uncordoned", Version: 1,
		Stream: Intents, Scope: ScopeCluster, Mode: Structured, By: "operator",
		Schema: "cluster/uncordoned/v1.json",
		New:    func() Payload { return new(ClusterUncordoned) },
	},
	{
		Type: TypeClusterDrained, Name: "cluster.drained", Version: 1,
		Stream: Intents, Scope: ScopeCluster, Mode: Structured, By: "operator",
		Schema: "cluster/drained/v1.json",
		New:    func() Payload { return new(ClusterDrained) },
	},
	{
		Type: TypeClusterLeft, Name: "cluster.left", Version: 1,
		Stream: Intents, Scope: ScopeCluster, Mode: Structured, By: "agent or operator",
		Schema: "cluster/left/v1.json",
		New:    func() Payload { return new(ClusterLeft) },
	},
	{
		Type: TypeWorkloadReleased, Name: "workload.released", Version: 1,
		Stream: Intents, Scope: ScopeTenant, Mode: Structured, By: "operator",
		Schema: "workload/released/v1.json",
		New:    func() Payload { return new(WorkloadReleased) },
	},
	{
		Type: TypeQuotaSet, Name: "quota.set", Version: 1,
		Stream: Intents, Scope: ScopeTenant, Mode: Structured, By: "operator",
		Schema: "quota/set/v1.json",
		New:    func() Payload { return new(QuotaSet) },
	},
	{
		Type: TypePriceSet, Name: "price.set", Version: 1,
		Stream: Intents, Scope: ScopeCluster, Mode: Structured, By: "operator",
		Schema: "price/set/v1.json",
		New:    func() Payload { return new(PriceSet) },
	},
	{
		Type: TypeScoreSet, Name: "score.set", Version: 1,
		Stream: Intents, Scope: ScopeCluster, Mode: Structured, By: "operator",
		Schema: "score/set/v1.json",
		New:    func() Payload { return new(ScoreSet) },
	},
	{
		Type: TypePolicySet, Name: "policy.set", Version: 1,
		Stream: Intents, Scope: ScopeFleet, Mode: Structured, By: "operator",
		Schema: "policy/set/v1.json",
		New:    func() Payload { return new(PolicySet) },
	},
	{
		Type: TypeAgentStarted, Name: "agent.started", Version: 1,
		Stream: Intents, Scope: ScopeCluster, Mode: Structured, By: "agent",
		Schema: "agent/started/v1.json",
		New:    func() Payload { return new(AgentStarted) },
	},
	{
		Type: TypeWorkloadStatusReported, Name: "workload.status.reported", Version: 1,
		Stream: Status, Scope: ScopeCluster, Mode: Binary, By: "agent",
		Schema: "workload/status.reported/v1.json",
		New:    func() Payload { return new(WorkloadStatusReported) },
	},
	{
		Type: TypeCommandRejected, Name: "command.rejected", Version: 1,
		Stream: Status, Scope: ScopeCluster, Mode: Binary, By: "agent",
		Schema: "command/rejected/v1.json",
		New:    func() Payload { return new(CommandRejected) },
	},
	{
		Type: TypeClusterCapacityReported, Name: "cluster.capacity.reported", Version: 1,
		Stream: Capacity, Scope: ScopeCluster, Mode: Binary, By: "agent",
		Schema: "cluster/capacity.reported/v1.json",
		New:    func() Payload { return new(ClusterCapacityReported) },
	},
	{
		Type: TypePlacementDecided, Name: "placement.decided", Version: 1,
		Stream: Placements, Scope: ScopeTenant, Mode: Structured, By: "placement",
		Schema: "placement/decided/v1.json",
		New:    func() Payload { return new(PlacementDecided) },
	},
	{
		Type: TypeCommandPlace, Name: "command.place", Version: 1,
		Stream: Placements, Scope: ScopeCluster, Mode: Binary, By: "placement",
		Schema: "command/place/v1.json",
		New:    func() Payload { return new(CommandPlace) },
	},
	{
		Type: TypeCommandWithdraw, Name: "command.withdraw", Version: 1,
		Stream: Placements, Scope: ScopeCluster, Mode: Binary, By: "placement",
		Schema: "command/withdraw/v1.json",
		New:    func() Payload { return new(CommandWithdraw) },
	},
	{
		Type: TypeCommandSynchronise, Name: "command.synchronise", Version: 1,
		Stream: Placements, Scope: ScopeCluster, Mode: Binary, By: "placement",
		Schema: "command/synchronise/v1.json",
		New:    func() Payload { return new(CommandSynchronise) },
	},
	{
		Type: TypeClusterSuspected, Name: "cluster.suspected", Version: 1,
		Stream: Placements, Scope: ScopeCluster, Mode: Structured, By: "placement",
		Schema: "cluster/suspected/v1.json",
		New:    func() Payload { return new(ClusterSuspected) },
	},
	{
		Type: TypeClusterRecovered, Name: "cluster.recovered", Version: 1,
		Stream: Placements, Scope: ScopeCluster, Mode: Structured, By: "placement",
		Schema: "cluster/recovered/v1.json",
		New:    func() Payload { return new(ClusterRecovered) },
	},
	{
		Type: TypeClusterLost, Name: "cluster.lost", Version: 1,
		Stream: Placements, Scope: ScopeCluster, Mode: Structured, By: "placement",
		Schema: "cluster/lost/v1.json",
		New:    func() Payload { return new(ClusterLost) },
	},
	{
		Type: TypeEvictionsChanged, Name: "placement.evictions.changed", Version: 1,
		Stream: Placements, Scope: ScopeFleet, Mode: Structured, By: "placement",
		Schema: "placement/evictions.changed/v1.json",
		New:    func() Payload { return new(EvictionsChanged) },
	},
	{
		Type: TypeSteeringPlanned, Name: "steering.planned", Version: 1,
		Stream: Placements, Scope: ScopeFleet, Mode: Structured, By: "placement",
		Schema: "steering/planned/v1.json",
		New:    func() Payload { return new(SteeringPlanned) },
	},
	{
		Type: TypePlacementTicked, Name: "placement.ticked", Version: 1,
		Stream: Placements, Scope: ScopeFleet, Mode: Binary, By: "placement",
		Schema: "placement/ticked/v1.json",
		New:    func() Payload { return new(PlacementTicked) },
	},
	{
		Type: TypeEpochStarted, Name: "placement.epoch.started", Version: 1,
		Stream: Placements, Scope: ScopeFleet, Mode: Structured, By: "placement",
		Schema: "placement/epoch.started/v1.json",
		New:    func() Payload { return new(EpochStarted) },
	},
	{
		Type: TypeEpochEnded, Name: "placement.epoch.ended", Version: 1,
		Stream: Placements, Scope: ScopeFleet, Mode: Structured, By: "placement",
		Schema: "placement/epoch.ended/v1.json",
		New:    func() Payload { return new(EpochEnded) },
	},
}

// EventType is TypeWorkloadSubmitted.
func (*WorkloadSubmitted) EventType() Type { return TypeWorkloadSubmitted }

// ScopeName is the tenant that the subject names.
func (p *WorkloadSubmitted) ScopeName() string { return string(p.Tenant) }

// EventType is TypeWorkloadWithdrawn.
func (*WorkloadWithdrawn) EventType() Type { return TypeWorkloadWithdrawn }

// ScopeName is the tenant that the subject names.
func (p *WorkloadWithdrawn) ScopeName() string { return string(p.Tenant) }

// EventType is TypeClusterCordoned.
func (*ClusterCordoned) EventType() Type { return TypeClusterCordoned }

// ScopeName is the cluster that the subject names.
func (p *ClusterCordoned) ScopeName() string { return string(p.Cluster) }

// EventType is TypeClusterUncordoned.
func (*ClusterUncordoned) EventType() Type { return TypeClusterUncordoned }

// ScopeName is the cluster that the subject names.
func (p *ClusterUncordoned) ScopeName() string { return string(p.Cluster) }

// EventType is TypeClusterDrained.
func (*ClusterDrained) EventType() Type { return TypeClusterDrained }

// ScopeName is the cluster that the subject names.
func (p *ClusterDrained) ScopeName() string { return string(p.Cluster) }

// EventType is TypeClusterLeft.
func (*ClusterLeft) EventType() Type { return TypeClusterLeft }

// ScopeName is the cluster that the subject names.
func (p *ClusterLeft) ScopeName() string { return string(p.Cluster) }

// EventType is TypeWorkloadReleased.
func (*WorkloadReleased) EventType() Type { return TypeWorkloadReleased }

// ScopeName is the tenant that the subject names.
func (p *WorkloadReleased) ScopeName() string { return string(p.Tenant) }

// EventType is TypeQuotaSet.
func (*QuotaSet) EventType() Type { return TypeQuotaSet }

// ScopeName is the tenant that the subject names.
func (p *QuotaSet) ScopeName() string { return string(p.Tenant) }

// EventType is TypePriceSet.
func (*PriceSet) EventType() Type { return TypePriceSet }

// ScopeName is the cluster that the subject names.
func (p *PriceSet) ScopeName() string { return string(p.Cluster) }

// EventType is TypeScoreSet.
func (*ScoreSet) EventType() Type { return TypeScoreSet }

// ScopeName is the cluster that the subject names.
func (p *ScoreSet) ScopeName() string { return string(p.Cluster) }

// EventType is TypePolicySet.
func (*PolicySet) EventType() Type { return TypePolicySet }

// ScopeName is the fleet that the subject names: none.
func (*PolicySet) ScopeName() string { return "" }

// EventType is TypeAgentStarted.
func (*AgentStarted) EventType() Type { return TypeAgentStarted }

// ScopeName is the cluster that the subject names.
func (p *AgentStarted) ScopeName() string { return string(p.Cluster) }

// EventType is TypeWorkloadStatusReported.
func (*WorkloadStatusReported) EventType() Type { return TypeWorkloadStatusReported }

// ScopeName is the cluster that the subject names.
func (p *WorkloadStatusReported) ScopeName() string { return string(p.Cluster) }

// EventType is TypeCommandRejected.
func (*CommandRejected) EventType() Type { return TypeCommandRejected }

// ScopeName is the cluster that the subject names.
func (p *CommandRejected) ScopeName() string { return string(p.Cluster) }

// EventType is TypeClusterCapacityReported.
func (*ClusterCapacityReported) EventType() Type { return TypeClusterCapacityReported }

// ScopeName is the cluster that the subject names.
func (p *ClusterCapacityReported) ScopeName() string { return string(p.Cluster) }

// EventType is TypePlacementDecided.
func (*PlacementDecided) EventType() Type { return TypePlacementDecided }

// ScopeName is the tenant that the subject names.
func (p *PlacementDecided) ScopeName() string { return string(p.Tenant) }

// EventType is TypeCommandPlace.
func (*CommandPlace) EventType() Type { return TypeCommandPlace }

// ScopeName is the cluster that the subject names.
func (p *CommandPlace) ScopeName() string { return string(p.Cluster) }

// EventType is TypeCommandWithdraw.
func (*CommandWithdraw) EventType() Type { return TypeCommandWithdraw }

// ScopeName is the cluster that the subject names.
func (p *CommandWithdraw) ScopeName() string { return string(p.Cluster) }

// EventType is TypeCommandSynchronise.
func (*CommandSynchronise) EventType() Type { return TypeCommandSynchronise }

// ScopeName is the cluster that the subject names.
func (p *CommandSynchronise) ScopeName() string { return string(p.Cluster) }

// EventType is TypeClusterSuspected.
func (*ClusterSuspected) EventType() Type { return TypeClusterSuspected }

// ScopeName is the cluster that the subject names.
func (p *ClusterSuspected) ScopeName() string { return string(p.Cluster) }

// EventType is TypeClusterRecovered.
func (*ClusterRecovered) EventType() Type { return TypeClusterRecovered }

// ScopeName is the cluster that the subject names.
func (p *ClusterRecovered) ScopeName() string { return string(p.Cluster) }

// EventType is TypeClusterLost.
func (*ClusterLost) EventType() Type { return TypeClusterLost }

// ScopeName is the cluster that the subject names.
func (p *ClusterLost) ScopeName() string { return string(p.Cluster) }

// EventType is TypeEvictionsChanged.
func (*EvictionsChanged) EventType() Type { return TypeEvictionsChanged }

// ScopeName is the fleet that the subject names: none.
func (*EvictionsChanged) ScopeName() string { return "" }

// EventType is TypeSteeringPlanned.
func (*SteeringPlanned) EventType() Type { return TypeSteeringPlanned }

// ScopeName is the fleet that the subject names: none.
func (*SteeringPlanned) ScopeName() string { return "" }

// EventType is TypePlacementTicked.
func (*PlacementTicked) EventType() Type { return TypePlacementTicked }

// ScopeName is the fleet that the subject names: none.
func (*PlacementTicked) ScopeName() string { return "" }

// EventType is TypeEpochStarted.
func (*EpochStarted) EventType() Type { return TypeEpochStarted }

// ScopeName is the fleet that the subject names: none.
func (*EpochStarted) ScopeName() string { return "" }

// EventType is TypeEpochEnded.
func (*EpochEnded) EventType() Type { return TypeEpochEnded }

// ScopeName is the fleet that the subject names: none.
func (*EpochEnded) ScopeName() string { return "" }
