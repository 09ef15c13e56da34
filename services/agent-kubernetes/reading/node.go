package reading

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
)

// Node is what the agent keeps of a node. It is open while it is ready, not cordoned and without a
// condition's taint; its provider is the scheme of spec.providerID.
type Node struct {
	inventory.Node
	Version string // resourceVersion, which the informer's store asks for
	Foreign bool   // runs another operating system than Linux: the portable template knows none
}

// GetObjectMeta lets informers store a Node without the metadata it came with.
func (n *Node) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Name: n.Name, ResourceVersion: n.Version}
}

// StandardLabels are the node labels that every report carries, where nodes have them.
var StandardLabels = []string{
	corev1.LabelTopologyRegion,
	corev1.LabelTopologyZone,
	corev1.LabelInstanceTypeStable,
}

// FromNode keeps of a node what reports need; keys are the labels worth keeping besides the
// standard ones.
func FromNode(node *corev1.Node, keys []string) *Node {
	system := cmp.Or(node.Labels[corev1.LabelOSStable], string(corev1.Linux))
	n := &Node{
		Node: inventory.Node{
			Name:     node.Name,
			Room:     Allocatable(node.Status.Allocatable),
			Arch:     cmp.Or(node.Labels[corev1.LabelArchStable], node.Status.NodeInfo.Architecture),
			Labels:   map[string]string{},
			Open:     !node.Spec.Unschedulable && ready(node),
			Provider: provider(node.Spec.ProviderID),
		},
		Version: node.ResourceVersion,
		Foreign: system != string(corev1.Linux),
	}
	for _, key := range slices.Concat(StandardLabels, keys) {
		if value, ok := node.Labels[key]; ok {
			n.Labels[key] = value
		}
	}
	for _, t := range node.Spec.Taints {
		if conditional(t.Key) {
			n.Open = n.Open && t.Effect == corev1.TaintEffectPreferNoSchedule
			continue
		}
		n.Taints = append(n.Taints, event.Taint{Key: t.Key, Value: t.Value, Effect: event.TaintEffect(t.Effect)})
	}
	slices.SortFunc(n.Taints, func(a, b event.Taint) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Effect, b.Effect))
	})
	return n
}

func ready(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// conditional says whether Kubernetes itself puts the taint on nodes and takes it off again
// (not-ready, unreachable, memory-pressure, unschedulable, uninitialized, …).
func conditional(key string) bool {
	domain, _, _ := strings.Cut(key, "/")
	return domain == "node.kubernetes.io" || domain == "node.cloudprovider.kubernetes.io"
}

// provider is the scheme of a provider ID such as aws:///eu-west-1a/i-0abc.
func provider(id string) string {
	scheme, _, found := strings.Cut(id, "://")
	if !found {
		return ""
	}
	return scheme
}
