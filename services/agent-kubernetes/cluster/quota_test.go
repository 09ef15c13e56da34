package cluster

import (
	"maps"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestKeepQuota reads what quotas leave for pods; of two limits on one thing the tighter counts.
func TestKeepQuota(t *testing.T) {
	amounts := func(pairs ...string) corev1.ResourceList {
		l := corev1.ResourceList{}
		for i := 0; i < len(pairs); i += 2 {
			l[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
		}
		return l
	}
	for name, c := range map[string]struct {
		hard, used corev1.ResourceList
		scopes     []corev1.ResourceQuotaScope
		want       map[string]int64
	}{
		"nothing limited": {nil, nil, nil, map[string]int64{}},
		"requests": {amounts("requests.cpu", "2", "requests.memory", "1Gi", "requests.nvidia.com/gpu", "4"),
			amounts("requests.cpu", "500m", "requests.nvidia.com/gpu", "1"), nil,
			map[string]int64{"cpu": 1500, "memory": 1 << 30, "nvidia.com/gpu": 3}},
		"the tighter of two": {amounts("cpu", "3", "requests.cpu", "1", "pods", "5", "count/pods", "9"), nil, nil,
			map[string]int64{"cpu": 1000, "pods": 5}},
		"limits of memory are ours": {amounts("limits.memory", "64Mi"), nil, nil, map[string]int64{"memory": 64 << 20}},
		"limits of CPU are not":     {amounts("limits.cpu", "1"), nil, nil, map[string]int64{}},
		"other objects":             {amounts("count/deployments.apps", "1", "services", "2"), nil, nil, map[string]int64{}},
		"only some pods":            {amounts("cpu", "1"), nil, []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeBestEffort}, map[string]int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := keepQuota(&corev1.ResourceQuota{
				Spec:   corev1.ResourceQuotaSpec{Scopes: c.scopes},
				Status: corev1.ResourceQuotaStatus{Hard: c.hard, Used: c.used},
			})
			if !maps.Equal(got.left, c.want) {
				t.Errorf("left %v, want %v", got.left, c.want)
			}
		})
	}
}
