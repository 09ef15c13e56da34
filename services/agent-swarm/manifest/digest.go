package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"

	"github.com/moby/moby/api/types/swarm"
)

// Digest is of all in a service that should stay as it was applied, see doc.go. Empty and absent are
// the same to it, as they are to Swarm.
func Digest(spec swarm.ServiceSpec) string {
	spec.Labels = maps.Clone(spec.Labels)
	for _, label := range []string{LabelToken, LabelGeneration, LabelHash, LabelDigest} {
		delete(spec.Labels, label)
	}
	spec.TaskTemplate.ForceUpdate = 0
	spec.Mode = withoutReplicas(spec.Mode)
	text, err := json.Marshal(spec)
	if err != nil {
		panic("manifest: a service cannot be written: " + err.Error()) // it is plain data
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		panic("manifest: a service cannot be read back: " + err.Error())
	}
	text, err = json.Marshal(prune(tree)) // maps are written in key order
	if err != nil {
		panic("manifest: a service cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

func withoutReplicas(m swarm.ServiceMode) swarm.ServiceMode {
	if m.Replicated != nil {
		m.Replicated = &swarm.ReplicatedService{Replicas: new(uint64(1))}
	}
	if m.ReplicatedJob != nil {
		m.ReplicatedJob = &swarm.ReplicatedJob{MaxConcurrent: new(uint64(1))}
	}
	return m
}

// prune leaves out what is empty; nil if nothing is left.
func prune(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for key, value := range v {
			if left := prune(value); left == nil {
				delete(v, key)
			} else {
				v[key] = left
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = prune(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	case string, float64, bool:
		if v == "" || v == float64(0) || v == false {
			return nil
		}
	}
	return tree
}
