package manifest

import (
	"maps"
	"strconv"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
)

// Document is an app or a group as it is written, whole.
type Document map[string]any

// Manifest is the group that a workload should be.
type Manifest struct {
	Main  Document
	Fence Document
	Asked inventory.Room // by one replica
}

// Build maps what is desired. The error is a *agent.Rejection.
func (s Scheme) Build(d agent.Desired, k Keys) (*Manifest, error) {
	part, native := d.Native[Native]
	if err := refuse(d, native); err != nil {
		return nil, err
	}
	conditions, err := k.constraints(d, !native)
	if err != nil {
		return nil, err
	}
	main, asked := app(d.Template), inventory.Asked(d.Template.Resources)
	if native {
		if main, asked, err = nativeApp(part, d.Template.Resources); err != nil {
			return nil, err
		}
	}
	if err := s.adopt(main, d, conditions); err != nil {
		return nil, err
	}
	return &Manifest{Main: main, Fence: s.fence(d), Asked: asked}, nil
}

// adopt makes the app the workload's: whatever it said before, this is ours to say.
func (s Scheme) adopt(main Document, d agent.Desired, conditions []any) error {
	labels := maps.Clone(d.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	if err := addLabels(labels, main["labels"]); err != nil {
		return err
	}
	maps.Copy(labels, s.Labels(d.Workload))
	main["id"], main["instances"], main["labels"] = s.Main(d.Workload), d.Replicas, labels
	if already, _ := main["constraints"].([]any); len(already)+len(conditions) > 0 {
		main["constraints"] = append(already, conditions...)
	}
	return nil
}

// addLabels adds the labels of a native app.
func addLabels(labels map[string]string, native any) error {
	if native == nil {
		return nil
	}
	list, ok := native.(map[string]any)
	if !ok {
		return agent.Reject(event.RejectReasonInvalid, "labels of the native app: want an object")
	}
	for key, value := range list {
		text, ok := value.(string)
		if !ok {
			return agent.Reject(event.RejectReasonInvalid, "label %s of the native app: want text", key)
		}
		if err := checkLabels(map[string]string{key: text}); err != nil {
			return err
		}
		labels[key] = text
	}
	return nil
}

// fence is the app that keeps the token of a command.
func (s Scheme) fence(d agent.Desired) Document {
	fence := s.still(d.Workload, d.Token)
	labels := fence["labels"].(map[string]string)
	labels[LabelGeneration] = strconv.FormatUint(d.Generation, 10)
	labels[LabelHash] = d.Hash
	return fence
}

// Tombstone is the fence of a workload that was withdrawn.
func (s Scheme) Tombstone(w agent.Withdrawal, now time.Time) Document {
	fence := s.still(w.Workload, w.Token)
	fence["labels"].(map[string]string)[LabelWithdrawn] = now.UTC().Format(time.RFC3339)
	return fence
}

// still is an app that never runs. Marathon wants a command all the same.
func (s Scheme) still(w event.WorkloadID, token uint64) Document {
	labels := s.Labels(w)
	labels[LabelToken] = strconv.FormatUint(token, 10)
	return Document{
		"id": s.Fence(w), "cmd": "true", "instances": 0, "cpus": 0.01, "mem": 32, "labels": labels,
	}
}

// Count makes the fence another one than was there, so that it gets the version of the write.
func (s Site) Count(fence Document) {
	was := uint64(0)
	if s.Fence != nil {
		was = number(s.Fence.Labels[LabelWrites])
	}
	fence["labels"].(map[string]string)[LabelWrites] = strconv.FormatUint(was+1, 10)
}

// GroupOf is a workload's apps as they are written in one step.
func (s Scheme) GroupOf(w event.WorkloadID, apps ...Document) Document {
	return Document{"id": s.Group(w), "apps": apps}
}
