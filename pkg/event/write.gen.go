// Code generated from schemas/, DO NOT EDIT.

package event

func (p *Affinity) write(w *writer) {
	w.open('{')
	if string(p.By) != "" {
		w.text(`"by":`, string(p.By))
	}
	if len(p.Labels) > 0 {
		writeList(w, `"labels":`, p.Labels, (*Requirement).write)
	}
	if len(p.Workloads) > 0 {
		writeTexts(w, `"workloads":`, p.Workloads)
	}
	w.close('}')
}

func (p *AgentStarted) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.text(`"instance":`, string(p.Instance))
	if string(p.Orchestrator) != "" {
		w.text(`"orchestrator":`, string(p.Orchestrator))
	}
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	if string(p.Version) != "" {
		w.text(`"version":`, string(p.Version))
	}
	w.close('}')
}

func (p *Assignment) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if p.Command != 0 {
		w.uint(`"command":`, p.Command)
	}
	if int64(p.Group) != 0 {
		w.int(`"group":`, int64(p.Group))
	}
	if p.Incarnation != 0 {
		w.uint(`"incarnation":`, p.Incarnation)
	}
	if int64(p.Leaving) != 0 {
		w.int(`"leaving":`, int64(p.Leaving))
	}
	if len(p.Parts) > 0 {
		writeList(w, `"parts":`, p.Parts, (*ScorePart).write)
	}
	if int64(p.Price) != 0 {
		w.int(`"price":`, int64(p.Price))
	}
	w.int(`"replicas":`, int64(p.Replicas))
	if int64(p.Score) != 0 {
		w.int(`"score":`, int64(p.Score))
	}
	if len(p.Shapes) > 0 {
		writeList(w, `"shapes":`, p.Shapes, (*ShapeUse).write)
	}
	if p.Waiting {
		w.bool(`"waiting":`, p.Waiting)
	}
	w.close('}')
}

func (p *Audience) write(w *writer) {
	w.open('{')
	w.text(`"region":`, string(p.Region))
	w.int(`"weight":`, int64(p.Weight))
	w.close('}')
}

func (p *ClusterCapacityReported) write(w *writer) {
	w.open('{')
	w.uint(`"appliedThrough":`, p.AppliedThrough)
	w.text(`"cluster":`, string(p.Cluster))
	w.uint(`"incarnation":`, p.Incarnation)
	writeTexts(w, `"kinds":`, p.Kinds)
	if len(p.Labels) > 0 {
		writeMap(w, `"labels":`, p.Labels, (*writer).quote)
	}
	if len(p.Lacks) > 0 {
		writeTexts(w, `"lacks":`, p.Lacks)
	}
	if p.Leased {
		w.bool(`"leased":`, p.Leased)
	}
	if len(p.Native) > 0 {
		writeTexts(w, `"native":`, p.Native)
	}
	w.text(`"orchestrator":`, string(p.Orchestrator))
	if len(p.Prices) > 0 {
		writeList(w, `"prices":`, p.Prices, (*Price).write)
	}
	if string(p.Provider) != "" {
		w.text(`"provider":`, string(p.Provider))
	}
	if string(p.Region) != "" {
		w.text(`"region":`, string(p.Region))
	}
	if len(p.Rejected) > 0 {
		writeUints(w, `"rejected":`, p.Rejected)
	}
	w.uint(`"report":`, p.Report)
	if p.Rounded {
		w.bool(`"rounded":`, p.Rounded)
	}
	writeList(w, `"shapes":`, p.Shapes, (*NodeShape).write)
	if len(p.Taints) > 0 {
		writeList(w, `"taints":`, p.Taints, (*Taint).write)
	}
	if string(p.Version) != "" {
		w.text(`"version":`, string(p.Version))
	}
	if string(p.Zone) != "" {
		w.text(`"zone":`, string(p.Zone))
	}
	w.close('}')
}

func (p *ClusterCordoned) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	w.close('}')
}

func (p *ClusterDrained) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	w.close('}')
}

func (p *ClusterLeft) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if p.Incarnation != 0 {
		w.uint(`"incarnation":`, p.Incarnation)
	}
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	w.close('}')
}

func (p *ClusterLost) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.int(`"observed":`, int64(p.Observed))
	w.name(`"positions":`)
	p.Positions.write(w)
	if int64(p.Silent) != 0 {
		w.int(`"silent":`, int64(p.Silent))
	}
	w.close('}')
}

func (p *ClusterRecovered) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.int(`"observed":`, int64(p.Observed))
	w.name(`"positions":`)
	p.Positions.write(w)
	if int64(p.Silent) != 0 {
		w.int(`"silent":`, int64(p.Silent))
	}
	w.close('}')
}

func (p *ClusterSuspected) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.int(`"observed":`, int64(p.Observed))
	w.name(`"positions":`)
	p.Positions.write(w)
	if int64(p.Silent) != 0 {
		w.int(`"silent":`, int64(p.Silent))
	}
	w.close('}')
}

func (p *ClusterUncordoned) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	w.close('}')
}

func (p *CommandPlace) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if p.Epoch != 0 {
		w.uint(`"epoch":`, p.Epoch)
	}
	w.uint(`"generation":`, p.Generation)
	w.uint(`"incarnation":`, p.Incarnation)
	w.text(`"kind":`, string(p.Kind))
	if len(p.Labels) > 0 {
		writeMap(w, `"labels":`, p.Labels, (*writer).quote)
	}
	if len(p.Native) > 0 {
		writeMap(w, `"native":`, p.Native, (*writer).raw)
	}
	if len(p.Nodes) > 0 {
		writeList(w, `"nodes":`, p.Nodes, (*Requirement).write)
	}
	w.uint(`"number":`, p.Number)
	w.int(`"replicas":`, int64(p.Replicas))
	if len(p.Shapes) > 0 {
		writeList(w, `"shapes":`, p.Shapes, (*ShapeUse).write)
	}
	w.name(`"template":`)
	p.Template.write(w)
	w.text(`"tenant":`, string(p.Tenant))
	if len(p.Tolerations) > 0 {
		writeList(w, `"tolerations":`, p.Tolerations, (*Toleration).write)
	}
	w.text(`"workload":`, string(p.Workload))
	w.close('}')
}

func (p *CommandRejected) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.uint(`"incarnation":`, p.Incarnation)
	if string(p.Message) != "" {
		w.text(`"message":`, string(p.Message))
	}
	w.uint(`"number":`, p.Number)
	w.text(`"reason":`, string(p.Reason))
	w.uint(`"report":`, p.Report)
	w.text(`"tenant":`, string(p.Tenant))
	w.text(`"workload":`, string(p.Workload))
	w.close('}')
}

func (p *CommandSynchronise) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if p.Epoch != 0 {
		w.uint(`"epoch":`, p.Epoch)
	}
	w.uint(`"first":`, p.First)
	w.uint(`"incarnation":`, p.Incarnation)
	w.name(`"positions":`)
	p.Positions.write(w)
	w.uint(`"through":`, p.Through)
	w.close('}')
}

func (p *CommandWithdraw) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if p.Epoch != 0 {
		w.uint(`"epoch":`, p.Epoch)
	}
	w.uint(`"generation":`, p.Generation)
	w.uint(`"incarnation":`, p.Incarnation)
	w.uint(`"number":`, p.Number)
	w.text(`"tenant":`, string(p.Tenant))
	w.text(`"workload":`, string(p.Workload))
	w.close('}')
}

func (p *Data) write(w *writer) {
	w.open('{')
	w.int(`"gibPerHour":`, int64(p.GibPerHour))
	w.text(`"region":`, string(p.Region))
	w.close('}')
}

func (p *EpochEnded) write(w *writer) {
	w.open('{')
	w.uint(`"epoch":`, p.Epoch)
	w.text(`"leader":`, string(p.Leader))
	w.close('}')
}

func (p *EpochStarted) write(w *writer) {
	w.open('{')
	w.text(`"engine":`, string(p.Engine))
	w.uint(`"epoch":`, p.Epoch)
	w.text(`"leader":`, string(p.Leader))
	w.name(`"positions":`)
	p.Positions.write(w)
	if p.Rules != nil {
		w.optional(`"rules":`, p.Rules.write)
	}
	if len(p.Streams) > 0 {
		writeMap(w, `"streams":`, p.Streams, (*writer).quote)
	}
	w.close('}')
}

func (p *EvictionsChanged) write(w *writer) {
	w.open('{')
	if int64(p.Clusters) != 0 {
		w.int(`"clusters":`, int64(p.Clusters))
	}
	w.int(`"observed":`, int64(p.Observed))
	if p.Paused {
		w.bool(`"paused":`, p.Paused)
	}
	w.name(`"positions":`)
	p.Positions.write(w)
	if int64(p.Silent) != 0 {
		w.int(`"silent":`, int64(p.Silent))
	}
	w.close('}')
}

func (p *Failover) write(w *writer) {
	w.open('{')
	if p.Disabled {
		w.bool(`"disabled":`, p.Disabled)
	}
	if int64(p.EvictionsPerSecond) != 0 {
		w.int(`"evictionsPerSecond":`, int64(p.EvictionsPerSecond))
	}
	if int64(p.LostSeconds) != 0 {
		w.int(`"lostSeconds":`, int64(p.LostSeconds))
	}
	if int64(p.MassPercent) != 0 {
		w.int(`"massPercent":`, int64(p.MassPercent))
	}
	if int64(p.SuspectSeconds) != 0 {
		w.int(`"suspectSeconds":`, int64(p.SuspectSeconds))
	}
	w.close('}')
}

func (p *FreeNodes) write(w *writer) {
	w.open('{')
	if int64(p.CPUMilli) != 0 {
		w.int(`"cpuMilli":`, int64(p.CPUMilli))
	}
	if len(p.Extended) > 0 {
		writeMap(w, `"extended":`, p.Extended, (*writer).number)
	}
	if len(p.GPUs) > 0 {
		writeInts(w, `"gpus":`, p.GPUs)
	}
	if int64(p.MemoryBytes) != 0 {
		w.int(`"memoryBytes":`, int64(p.MemoryBytes))
	}
	w.int(`"nodes":`, int64(p.Nodes))
	w.close('}')
}

func (p *HealthCheck) write(w *writer) {
	w.open('{')
	if len(p.Command) > 0 {
		writeTexts(w, `"command":`, p.Command)
	}
	if int64(p.FailureThreshold) != 0 {
		w.int(`"failureThreshold":`, int64(p.FailureThreshold))
	}
	if string(p.HTTPPath) != "" {
		w.text(`"httpPath":`, string(p.HTTPPath))
	}
	if int64(p.PeriodSeconds) != 0 {
		w.int(`"periodSeconds":`, int64(p.PeriodSeconds))
	}
	if int64(p.Port) != 0 {
		w.int(`"port":`, int64(p.Port))
	}
	if int64(p.TimeoutSeconds) != 0 {
		w.int(`"timeoutSeconds":`, int64(p.TimeoutSeconds))
	}
	w.close('}')
}

func (p *Link) write(w *writer) {
	w.open('{')
	w.text(`"from":`, string(p.From))
	if int64(p.LatencyMicros) != 0 {
		w.int(`"latencyMicros":`, int64(p.LatencyMicros))
	}
	if int64(p.Price) != 0 {
		w.int(`"price":`, int64(p.Price))
	}
	w.text(`"to":`, string(p.To))
	w.close('}')
}

func (p *NodeShape) write(w *writer) {
	w.open('{')
	if string(p.Arch) != "" {
		w.text(`"arch":`, string(p.Arch))
	}
	if int64(p.CPUMilli) != 0 {
		w.int(`"cpuMilli":`, int64(p.CPUMilli))
	}
	if len(p.Extended) > 0 {
		writeMap(w, `"extended":`, p.Extended, (*writer).number)
	}
	writeList(w, `"free":`, p.Free, (*FreeNodes).write)
	if int64(p.GPUs) != 0 {
		w.int(`"gpus":`, int64(p.GPUs))
	}
	if len(p.Labels) > 0 {
		writeMap(w, `"labels":`, p.Labels, (*writer).quote)
	}
	if int64(p.MemoryBytes) != 0 {
		w.int(`"memoryBytes":`, int64(p.MemoryBytes))
	}
	w.text(`"name":`, string(p.Name))
	w.int(`"nodes":`, int64(p.Nodes))
	if len(p.Taints) > 0 {
		writeList(w, `"taints":`, p.Taints, (*Taint).write)
	}
	w.close('}')
}

func (p *Override) write(w *writer) {
	w.open('{')
	if len(p.Args) > 0 {
		writeTexts(w, `"args":`, p.Args)
	}
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	if len(p.Command) > 0 {
		writeTexts(w, `"command":`, p.Command)
	}
	if len(p.Env) > 0 {
		writeMap(w, `"env":`, p.Env, (*writer).quote)
	}
	if string(p.Image) != "" {
		w.text(`"image":`, string(p.Image))
	}
	if len(p.Labels) > 0 {
		writeMap(w, `"labels":`, p.Labels, (*writer).quote)
	}
	w.close('}')
}

func (p *PlacementDecided) write(w *writer) {
	w.open('{')
	if len(p.Assignments) > 0 {
		writeList(w, `"assignments":`, p.Assignments, (*Assignment).write)
	}
	if int64(p.Attempt) != 0 {
		w.int(`"attempt":`, int64(p.Attempt))
	}
	if string(p.Cause) != "" {
		w.text(`"cause":`, string(p.Cause))
	}
	if int64(p.Clusters) != 0 {
		w.int(`"clusters":`, int64(p.Clusters))
	}
	w.text(`"engine":`, string(p.Engine))
	if p.Epoch != 0 {
		w.uint(`"epoch":`, p.Epoch)
	}
	if string(p.For) != "" {
		w.text(`"for":`, string(p.For))
	}
	w.uint(`"generation":`, p.Generation)
	if int64(p.NotBefore) != 0 {
		w.int(`"notBefore":`, int64(p.NotBefore))
	}
	w.int(`"observed":`, int64(p.Observed))
	w.name(`"positions":`)
	p.Positions.write(w)
	if string(p.Preempting) != "" {
		w.text(`"preempting":`, string(p.Preempting))
	}
	if int64(p.Price) != 0 {
		w.int(`"price":`, int64(p.Price))
	}
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	if len(p.Refusals) > 0 {
		writeList(w, `"refusals":`, p.Refusals, (*Refusal).write)
	}
	w.int(`"replicas":`, int64(p.Replicas))
	w.text(`"tenant":`, string(p.Tenant))
	if int64(p.Unfilled) != 0 {
		w.int(`"unfilled":`, int64(p.Unfilled))
	}
	w.text(`"verdict":`, string(p.Verdict))
	if len(p.Victims) > 0 {
		writeList(w, `"victims":`, p.Victims, (*Victim).write)
	}
	w.text(`"workload":`, string(p.Workload))
	w.close('}')
}

func (p *PlacementTicked) write(w *writer) {
	w.open('{')
	w.int(`"observed":`, int64(p.Observed))
	w.name(`"positions":`)
	p.Positions.write(w)
	if int64(p.Store) != 0 {
		w.int(`"store":`, int64(p.Store))
	}
	w.close('}')
}

func (p *Planned) write(w *writer) {
	w.open('{')
	if len(p.Assignments) > 0 {
		writeList(w, `"assignments":`, p.Assignments, (*PlannedAssignment).write)
	}
	if p.Generation != 0 {
		w.uint(`"generation":`, p.Generation)
	}
	if int64(p.Price) != 0 {
		w.int(`"price":`, int64(p.Price))
	}
	if p.State != 0 {
		w.uint(`"state":`, p.State)
	}
	w.close('}')
}

func (p *PlannedAssignment) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.int(`"replicas":`, int64(p.Replicas))
	w.close('}')
}

func (p *Policy) write(w *writer) {
	w.open('{')
	if len(p.Affinity) > 0 {
		writeList(w, `"affinity":`, p.Affinity, (*Affinity).write)
	}
	if string(p.Along) != "" {
		w.text(`"along":`, string(p.Along))
	}
	if len(p.AntiAffinity) > 0 {
		writeList(w, `"antiAffinity":`, p.AntiAffinity, (*Affinity).write)
	}
	if p.AtMostOnce {
		w.bool(`"atMostOnce":`, p.AtMostOnce)
	}
	if len(p.Audience) > 0 {
		writeList(w, `"audience":`, p.Audience, (*Audience).write)
	}
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	if len(p.Data) > 0 {
		writeList(w, `"data":`, p.Data, (*Data).write)
	}
	if string(p.Division) != "" {
		w.text(`"division":`, string(p.Division))
	}
	if int64(p.FailoverSeconds) != 0 {
		w.int(`"failoverSeconds":`, int64(p.FailoverSeconds))
	}
	if len(p.Match) > 0 {
		writeList(w, `"match":`, p.Match, (*Term).write)
	}
	if int64(p.MaxClusters) != 0 {
		w.int(`"maxClusters":`, int64(p.MaxClusters))
	}
	if int64(p.MaxPerCluster) != 0 {
		w.int(`"maxPerCluster":`, int64(p.MaxPerCluster))
	}
	if int64(p.MaxPrice) != 0 {
		w.int(`"maxPrice":`, int64(p.MaxPrice))
	}
	if int64(p.MinPerCluster) != 0 {
		w.int(`"minPerCluster":`, int64(p.MinPerCluster))
	}
	if int64(p.MinReplicas) != 0 {
		w.int(`"minReplicas":`, int64(p.MinReplicas))
	}
	if len(p.Nodes) > 0 {
		writeList(w, `"nodes":`, p.Nodes, (*Requirement).write)
	}
	if len(p.Orchestrators) > 0 {
		writeTexts(w, `"orchestrators":`, p.Orchestrators)
	}
	if len(p.Overrides) > 0 {
		writeList(w, `"overrides":`, p.Overrides, (*Override).write)
	}
	if len(p.Pools) > 0 {
		writeTexts(w, `"pools":`, p.Pools)
	}
	if p.Preempts {
		w.bool(`"preempts":`, p.Preempts)
	}
	if len(p.Prefer) > 0 {
		writeList(w, `"prefer":`, p.Prefer, (*Preference).write)
	}
	if int64(p.Priority) != 0 {
		w.int(`"priority":`, int64(p.Priority))
	}
	if string(p.PriorityClass) != "" {
		w.text(`"priorityClass":`, string(p.PriorityClass))
	}
	if p.Progress != nil {
		w.optional(`"progress":`, p.Progress.write)
	}
	if len(p.Regions) > 0 {
		writeTexts(w, `"regions":`, p.Regions)
	}
	if len(p.Residency) > 0 {
		writeTexts(w, `"residency":`, p.Residency)
	}
	if p.Rollout != nil {
		w.optional(`"rollout":`, p.Rollout.write)
	}
	if len(p.Spread) > 0 {
		writeList(w, `"spread":`, p.Spread, (*Spread).write)
	}
	if string(p.Strategy) != "" {
		w.text(`"strategy":`, string(p.Strategy))
	}
	if len(p.Tiers) > 0 {
		writeList(w, `"tiers":`, p.Tiers, (*Tier).write)
	}
	if len(p.Tolerations) > 0 {
		writeList(w, `"tolerations":`, p.Tolerations, (*Toleration).write)
	}
	if len(p.Weights) > 0 {
		writeList(w, `"weights":`, p.Weights, (*Weight).write)
	}
	if p.YieldsLast {
		w.bool(`"yieldsLast":`, p.YieldsLast)
	}
	w.close('}')
}

func (p *PolicySet) write(w *writer) {
	w.open('{')
	if int64(p.AgingSeconds) != 0 {
		w.int(`"agingSeconds":`, int64(p.AgingSeconds))
	}
	if p.Failover != nil {
		w.optional(`"failover":`, p.Failover.write)
	}
	if len(p.Links) > 0 {
		writeList(w, `"links":`, p.Links, (*Link).write)
	}
	if len(p.Maintenance) > 0 {
		writeList(w, `"maintenance":`, p.Maintenance, (*Window).write)
	}
	if len(p.Pools) > 0 {
		writeList(w, `"pools":`, p.Pools, (*Pool).write)
	}
	if len(p.Prefer) > 0 {
		writeList(w, `"prefer":`, p.Prefer, (*Preference).write)
	}
	if len(p.Priorities) > 0 {
		writeList(w, `"priorities":`, p.Priorities, (*PriorityClass).write)
	}
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	if p.Repack != nil {
		w.optional(`"repack":`, p.Repack.write)
	}
	w.close('}')
}

func (p *Pool) write(w *writer) {
	w.open('{')
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	w.text(`"name":`, string(p.Name))
	if len(p.Tenants) > 0 {
		writeTexts(w, `"tenants":`, p.Tenants)
	}
	w.close('}')
}

func (p *Port) write(w *writer) {
	w.open('{')
	if string(p.Name) != "" {
		w.text(`"name":`, string(p.Name))
	}
	w.int(`"port":`, int64(p.Port))
	if string(p.Protocol) != "" {
		w.text(`"protocol":`, string(p.Protocol))
	}
	w.close('}')
}

func (p *Positions) write(w *writer) {
	w.open('{')
	w.uint(`"capacity":`, p.Capacity)
	w.uint(`"intents":`, p.Intents)
	w.uint(`"status":`, p.Status)
	w.close('}')
}

func (p *Preference) write(w *writer) {
	w.open('{')
	w.text(`"score":`, string(p.Score))
	w.int(`"weight":`, int64(p.Weight))
	w.close('}')
}

func (p *Price) write(w *writer) {
	w.open('{')
	if int64(p.CPU) != 0 {
		w.int(`"cpu":`, int64(p.CPU))
	}
	if int64(p.GPU) != 0 {
		w.int(`"gpu":`, int64(p.GPU))
	}
	if int64(p.Memory) != 0 {
		w.int(`"memory":`, int64(p.Memory))
	}
	if string(p.Shape) != "" {
		w.text(`"shape":`, string(p.Shape))
	}
	w.close('}')
}

func (p *PriceSet) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if string(p.Currency) != "" {
		w.text(`"currency":`, string(p.Currency))
	}
	if len(p.Prices) > 0 {
		writeList(w, `"prices":`, p.Prices, (*Price).write)
	}
	if p.Removed {
		w.bool(`"removed":`, p.Removed)
	}
	w.close('}')
}

func (p *PriorityClass) write(w *writer) {
	w.open('{')
	w.text(`"name":`, string(p.Name))
	if p.Preempts {
		w.bool(`"preempts":`, p.Preempts)
	}
	w.int(`"priority":`, int64(p.Priority))
	w.close('}')
}

func (p *Progress) write(w *writer) {
	w.open('{')
	if int64(p.DeadlineSeconds) != 0 {
		w.int(`"deadlineSeconds":`, int64(p.DeadlineSeconds))
	}
	if string(p.OnStall) != "" {
		w.text(`"onStall":`, string(p.OnStall))
	}
	if int64(p.UnschedulableSeconds) != 0 {
		w.int(`"unschedulableSeconds":`, int64(p.UnschedulableSeconds))
	}
	w.close('}')
}

func (p *QuotaSet) write(w *writer) {
	w.open('{')
	if p.Limit != nil {
		w.optional(`"limit":`, p.Limit.write)
	}
	if int64(p.MaxPrice) != 0 {
		w.int(`"maxPrice":`, int64(p.MaxPrice))
	}
	if string(p.Parent) != "" {
		w.text(`"parent":`, string(p.Parent))
	}
	if p.Removed {
		w.bool(`"removed":`, p.Removed)
	}
	w.text(`"tenant":`, string(p.Tenant))
	if int64(p.Weight) != 0 {
		w.int(`"weight":`, int64(p.Weight))
	}
	if int64(p.Workloads) != 0 {
		w.int(`"workloads":`, int64(p.Workloads))
	}
	w.close('}')
}

func (p *Reason) write(w *writer) {
	w.open('{')
	w.int(`"count":`, int64(p.Count))
	if string(p.Message) != "" {
		w.text(`"message":`, string(p.Message))
	}
	w.text(`"reason":`, string(p.Reason))
	w.close('}')
}

func (p *Reference) write(w *writer) {
	w.open('{')
	if string(p.Env) != "" {
		w.text(`"env":`, string(p.Env))
	}
	if string(p.Key) != "" {
		w.text(`"key":`, string(p.Key))
	}
	w.text(`"name":`, string(p.Name))
	if p.Secret {
		w.bool(`"secret":`, p.Secret)
	}
	w.close('}')
}

func (p *Refusal) write(w *writer) {
	w.open('{')
	w.text(`"check":`, string(p.Check))
	w.int(`"clusters":`, int64(p.Clusters))
	if int64(p.Have) != 0 {
		w.int(`"have":`, int64(p.Have))
	}
	if string(p.Message) != "" {
		w.text(`"message":`, string(p.Message))
	}
	if string(p.Nearest) != "" {
		w.text(`"nearest":`, string(p.Nearest))
	}
	if int64(p.Need) != 0 {
		w.int(`"need":`, int64(p.Need))
	}
	w.close('}')
}

func (p *Repack) write(w *writer) {
	w.open('{')
	if p.Failback {
		w.bool(`"failback":`, p.Failback)
	}
	if int64(p.Gain) != 0 {
		w.int(`"gain":`, int64(p.Gain))
	}
	if int64(p.MovesPerMinute) != 0 {
		w.int(`"movesPerMinute":`, int64(p.MovesPerMinute))
	}
	w.close('}')
}

func (p *Requirement) write(w *writer) {
	w.open('{')
	w.text(`"key":`, string(p.Key))
	w.text(`"operator":`, string(p.Operator))
	if len(p.Values) > 0 {
		writeTexts(w, `"values":`, p.Values)
	}
	w.close('}')
}

func (p *Resources) write(w *writer) {
	w.open('{')
	if int64(p.CPUMilli) != 0 {
		w.int(`"cpuMilli":`, int64(p.CPUMilli))
	}
	if len(p.Extended) > 0 {
		writeMap(w, `"extended":`, p.Extended, (*writer).number)
	}
	if int64(p.GPUMilli) != 0 {
		w.int(`"gpuMilli":`, int64(p.GPUMilli))
	}
	if int64(p.MemoryBytes) != 0 {
		w.int(`"memoryBytes":`, int64(p.MemoryBytes))
	}
	w.close('}')
}

func (p *Rollout) write(w *writer) {
	w.open('{')
	if int64(p.Clusters) != 0 {
		w.int(`"clusters":`, int64(p.Clusters))
	}
	if len(p.Groups) > 0 {
		writeList(w, `"groups":`, p.Groups, (*RolloutGroup).write)
	}
	if int64(p.Percent) != 0 {
		w.int(`"percent":`, int64(p.Percent))
	}
	w.close('}')
}

func (p *RolloutGroup) write(w *writer) {
	w.open('{')
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	if string(p.Name) != "" {
		w.text(`"name":`, string(p.Name))
	}
	w.close('}')
}

func (p *Rules) write(w *writer) {
	w.open('{')
	w.int(`"backoffMillis":`, int64(p.BackoffMillis))
	w.int(`"evictionsPerSecond":`, int64(p.EvictionsPerSecond))
	w.int(`"lostMillis":`, int64(p.LostMillis))
	w.int(`"massPercent":`, int64(p.MassPercent))
	w.int(`"maxBackoffMillis":`, int64(p.MaxBackoffMillis))
	w.int(`"suspectMillis":`, int64(p.SuspectMillis))
	w.int(`"tickMillis":`, int64(p.TickMillis))
	w.int(`"tries":`, int64(p.Tries))
	w.close('}')
}

func (p *ScorePart) write(w *writer) {
	w.open('{')
	w.text(`"part":`, string(p.Part))
	w.int(`"value":`, int64(p.Value))
	w.int(`"weight":`, int64(p.Weight))
	w.close('}')
}

func (p *ScoreSet) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.text(`"name":`, string(p.Name))
	if int64(p.ValidUntil) != 0 {
		w.int(`"validUntil":`, int64(p.ValidUntil))
	}
	w.int(`"value":`, int64(p.Value))
	w.close('}')
}

func (p *Settled) write(w *writer) {
	w.open('{')
	w.uint(`"number":`, p.Number)
	w.text(`"outcome":`, string(p.Outcome))
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	w.close('}')
}

func (p *ShapeUse) write(w *writer) {
	w.open('{')
	if len(p.On) > 0 {
		writeList(w, `"on":`, p.On, (*FreeNodes).write)
	}
	w.int(`"replicas":`, int64(p.Replicas))
	w.text(`"shape":`, string(p.Shape))
	w.close('}')
}

func (p *Spread) write(w *writer) {
	w.open('{')
	w.text(`"by":`, string(p.By))
	if int64(p.Max) != 0 {
		w.int(`"max":`, int64(p.Max))
	}
	if int64(p.Min) != 0 {
		w.int(`"min":`, int64(p.Min))
	}
	w.close('}')
}

func (p *SteeringGroup) write(w *writer) {
	w.open('{')
	if int64(p.CPU) != 0 {
		w.int(`"cpu":`, int64(p.CPU))
	}
	if int64(p.GPU) != 0 {
		w.int(`"gpu":`, int64(p.GPU))
	}
	if int64(p.Memory) != 0 {
		w.int(`"memory":`, int64(p.Memory))
	}
	w.text(`"name":`, string(p.Name))
	w.close('}')
}

func (p *SteeringPlanned) write(w *writer) {
	w.open('{')
	w.text(`"by":`, string(p.By))
	writeList(w, `"groups":`, p.Groups, (*SteeringGroup).write)
	w.int(`"observed":`, int64(p.Observed))
	w.name(`"positions":`)
	p.Positions.write(w)
	if len(p.Quotas) > 0 {
		writeList(w, `"quotas":`, p.Quotas, (*SteeringQuota).write)
	}
	w.int(`"validMillis":`, int64(p.ValidMillis))
	w.close('}')
}

func (p *SteeringQuota) write(w *writer) {
	w.open('{')
	w.text(`"class":`, string(p.Class))
	w.int(`"group":`, int64(p.Group))
	w.int(`"replicas":`, int64(p.Replicas))
	w.close('}')
}

func (p *Taint) write(w *writer) {
	w.open('{')
	w.text(`"effect":`, string(p.Effect))
	w.text(`"key":`, string(p.Key))
	if string(p.Value) != "" {
		w.text(`"value":`, string(p.Value))
	}
	w.close('}')
}

func (p *Template) write(w *writer) {
	w.open('{')
	if len(p.Architectures) > 0 {
		writeTexts(w, `"architectures":`, p.Architectures)
	}
	if len(p.Args) > 0 {
		writeTexts(w, `"args":`, p.Args)
	}
	if len(p.Command) > 0 {
		writeTexts(w, `"command":`, p.Command)
	}
	if len(p.Env) > 0 {
		writeMap(w, `"env":`, p.Env, (*writer).quote)
	}
	if p.Health != nil {
		w.optional(`"health":`, p.Health.write)
	}
	if string(p.Image) != "" {
		w.text(`"image":`, string(p.Image))
	}
	if int64(p.MaxSurge) != 0 {
		w.int(`"maxSurge":`, int64(p.MaxSurge))
	}
	if int64(p.MaxUnavailable) != 0 {
		w.int(`"maxUnavailable":`, int64(p.MaxUnavailable))
	}
	if len(p.Ports) > 0 {
		writeList(w, `"ports":`, p.Ports, (*Port).write)
	}
	if len(p.References) > 0 {
		writeList(w, `"references":`, p.References, (*Reference).write)
	}
	w.optional(`"resources":`, p.Resources.write)
	if string(p.Restart) != "" {
		w.text(`"restart":`, string(p.Restart))
	}
	w.close('}')
}

func (p *Term) write(w *writer) {
	w.open('{')
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	if len(p.Expressions) > 0 {
		writeTexts(w, `"expressions":`, p.Expressions)
	}
	w.close('}')
}

func (p *Tier) write(w *writer) {
	w.open('{')
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	if string(p.Name) != "" {
		w.text(`"name":`, string(p.Name))
	}
	w.close('}')
}

func (p *Toleration) write(w *writer) {
	w.open('{')
	if string(p.Effect) != "" {
		w.text(`"effect":`, string(p.Effect))
	}
	if string(p.Key) != "" {
		w.text(`"key":`, string(p.Key))
	}
	if string(p.Operator) != "" {
		w.text(`"operator":`, string(p.Operator))
	}
	if int64(p.Seconds) != 0 {
		w.int(`"seconds":`, int64(p.Seconds))
	}
	if string(p.Value) != "" {
		w.text(`"value":`, string(p.Value))
	}
	w.close('}')
}

func (p *Victim) write(w *writer) {
	w.open('{')
	w.int(`"replicas":`, int64(p.Replicas))
	w.text(`"tenant":`, string(p.Tenant))
	w.text(`"workload":`, string(p.Workload))
	w.close('}')
}

func (p *Weight) write(w *writer) {
	w.open('{')
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	w.int(`"weight":`, int64(p.Weight))
	w.close('}')
}

func (p *Window) write(w *writer) {
	w.open('{')
	if len(p.Clusters) > 0 {
		writeList(w, `"clusters":`, p.Clusters, (*Requirement).write)
	}
	if p.Drain {
		w.bool(`"drain":`, p.Drain)
	}
	if int64(p.EveryHours) != 0 {
		w.int(`"everyHours":`, int64(p.EveryHours))
	}
	w.int(`"minutes":`, int64(p.Minutes))
	w.int(`"start":`, int64(p.Start))
	w.close('}')
}

func (p *WorkloadReleased) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	w.text(`"name":`, string(p.Name))
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	w.text(`"tenant":`, string(p.Tenant))
	w.close('}')
}

func (p *WorkloadStatusReported) write(w *writer) {
	w.open('{')
	w.text(`"cluster":`, string(p.Cluster))
	if int64(p.Failed) != 0 {
		w.int(`"failed":`, int64(p.Failed))
	}
	if p.Generation != 0 {
		w.uint(`"generation":`, p.Generation)
	}
	w.uint(`"incarnation":`, p.Incarnation)
	if p.Last != nil {
		w.optional(`"last":`, p.Last.write)
	}
	if int64(p.Pending) != 0 {
		w.int(`"pending":`, int64(p.Pending))
	}
	w.int(`"ready":`, int64(p.Ready))
	if len(p.Reasons) > 0 {
		writeList(w, `"reasons":`, p.Reasons, (*Reason).write)
	}
	w.uint(`"report":`, p.Report)
	if int64(p.Succeeded) != 0 {
		w.int(`"succeeded":`, int64(p.Succeeded))
	}
	w.text(`"tenant":`, string(p.Tenant))
	if p.Token != 0 {
		w.uint(`"token":`, p.Token)
	}
	if int64(p.Unschedulable) != 0 {
		w.int(`"unschedulable":`, int64(p.Unschedulable))
	}
	w.int(`"wanted":`, int64(p.Wanted))
	w.text(`"workload":`, string(p.Workload))
	w.close('}')
}

func (p *WorkloadSubmitted) write(w *writer) {
	w.open('{')
	w.text(`"kind":`, string(p.Kind))
	if len(p.Labels) > 0 {
		writeMap(w, `"labels":`, p.Labels, (*writer).quote)
	}
	w.text(`"name":`, string(p.Name))
	if len(p.Native) > 0 {
		writeMap(w, `"native":`, p.Native, (*writer).raw)
	}
	if p.Plan != nil {
		w.optional(`"plan":`, p.Plan.write)
	}
	w.optional(`"policy":`, p.Policy.write)
	w.int(`"replicas":`, int64(p.Replicas))
	w.name(`"template":`)
	p.Template.write(w)
	w.text(`"tenant":`, string(p.Tenant))
	w.close('}')
}

func (p *WorkloadWithdrawn) write(w *writer) {
	w.open('{')
	w.text(`"name":`, string(p.Name))
	if string(p.Reason) != "" {
		w.text(`"reason":`, string(p.Reason))
	}
	w.text(`"tenant":`, string(p.Tenant))
	w.close('}')
}
