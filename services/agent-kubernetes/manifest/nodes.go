package manifest

import (
	corev1 "k8s.io/api/core/v1"
	core "k8s.io/client-go/applyconfigurations/core/v1"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/event"
)

// nodeAffinity holds the hard conditions on nodes: the workload's own, the architectures its image
// is built for, and no operating system but Linux, where a node says what it runs.
func nodeAffinity(d agent.Desired) *core.AffinityApplyConfiguration {
	term := core.NodeSelectorTerm().WithMatchExpressions(
		condition(corev1.LabelOSStable, corev1.NodeSelectorOpNotIn, string(corev1.Windows)))
	if len(d.Template.Architectures) > 0 {
		term.WithMatchExpressions(condition(corev1.LabelArchStable, corev1.NodeSelectorOpIn, d.Template.Architectures...))
	}
	for _, r := range d.Nodes {
		term.WithMatchExpressions(condition(r.Key, corev1.NodeSelectorOperator(r.Operator), r.Values...))
	}
	hard := core.NodeSelector().WithNodeSelectorTerms(term)
	return core.Affinity().WithNodeAffinity(core.NodeAffinity().WithRequiredDuringSchedulingIgnoredDuringExecution(hard))
}

func condition(key string, op corev1.NodeSelectorOperator, values ...string) *core.NodeSelectorRequirementApplyConfiguration {
	return core.NodeSelectorRequirement().WithKey(key).WithOperator(op).WithValues(values...)
}

func toleration(t event.Toleration) *core.TolerationApplyConfiguration {
	mapped := core.Toleration().WithOperator(corev1.TolerationOpEqual)
	if t.Operator == event.TolerationOperatorExists {
		mapped.WithOperator(corev1.TolerationOpExists)
	}
	if t.Key != "" {
		mapped.WithKey(t.Key)
	}
	if t.Value != "" {
		mapped.WithValue(t.Value)
	}
	if t.Effect != "" {
		mapped.WithEffect(corev1.TaintEffect(t.Effect))
	}
	return mapped
}
