package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"fairlead.dev/pkg/event"
)

// DesiredOf reads the wanted state from a command.
func DesiredOf(c *event.CommandPlace) Desired {
	d := Desired{
		Workload:    event.WorkloadID{Tenant: c.Tenant, Name: c.Workload},
		Token:       c.Number,
		Generation:  c.Generation,
		Kind:        c.Kind,
		Replicas:    c.Replicas,
		Shapes:      c.Shapes,
		Template:    c.Template,
		Native:      c.Native,
		Nodes:       c.Nodes,
		Tolerations: c.Tolerations,
		Labels:      c.Labels,
	}
	d.Hash = Hash(d)
	return d
}

// Hash is a digest of what a replica is: kind, template, native parts, node
// conditions, tolerations and labels. Replicas, shapes, generation and token are not
// in it, so that scaling and renumbering do not look like another specification. It is
// 32 lower-case hexadecimal digits, short enough for a label.
func Hash(d Desired) string {
	text, err := json.Marshal(struct { // maps are written in key order: equal specifications, equal bytes
		Kind        event.Kind
		Template    event.Template
		Native      map[string]json.RawMessage
		Nodes       []event.Requirement
		Tolerations []event.Toleration
		Labels      map[string]string
	}{d.Kind, d.Template, d.Native, d.Nodes, d.Tolerations, d.Labels})
	if err != nil { // only a native part that is not JSON can fail; the codec has refused such a command
		text = []byte(err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
