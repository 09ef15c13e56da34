package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// Native is the name of native parts meant for this orchestrator: Marathon apps.
const Native = "dcos"

// shown are fields that Marathon shows and does not take; version would bring back an old app.
var shown = []string{
	"version", "versionInfo", "deployments", "tasks", "tasksStaged", "tasksRunning", "tasksHealthy",
	"tasksUnhealthy", "taskStats", "lastTaskFailure", "readinessCheckResults",
}

// nativeApp reads a Marathon app, and fills in what placement counted for it.
func nativeApp(part json.RawMessage, counted event.Resources) (Document, inventory.Room, error) {
	main := Document{}
	decoder := json.NewDecoder(bytes.NewReader(part))
	decoder.UseNumber() // a number is passed on as it was written
	if err := decoder.Decode(&main); err != nil {
		return nil, inventory.Room{}, agent.Reject(event.RejectReasonInvalid, "the native app is no JSON object: %v", err)
	}
	for _, field := range shown {
		if _, there := main[field]; there {
			return nil, inventory.Room{}, agent.Reject(event.RejectReasonInvalid, "the native app has the field %s, which Marathon shows and does not take", field)
		}
	}
	if c, there := main["constraints"]; there {
		if _, ok := c.([]any); !ok {
			return nil, inventory.Room{}, agent.Reject(event.RejectReasonInvalid, "constraints of the native app: want an array")
		}
	}
	asked := inventory.Asked(counted)
	filled := Document{}
	ask(filled, counted)
	for _, r := range []struct {
		name string
		most int64 // in the unit of Mesos, thousandths
		set  func(milli int64)
	}{
		{"cpus", counted.CPUMilli, func(milli int64) { asked.CPUMilli = milli }},
		{"mem", (counted.MemoryBytes + mebi - 1) / mebi * 1000, func(milli int64) { asked.MemoryBytes = milli * mebi / 1000 }},
		{"gpus", counted.GPUMilli / room.Device * 1000, func(milli int64) { asked.GPUs = milli / 1000 }},
	} {
		said, there := main[r.name]
		if !there {
			main[r.name] = filled[r.name]
			continue
		}
		milli, err := milliOf(said)
		if err != nil || milli > r.most {
			return nil, inventory.Room{}, agent.Reject(event.RejectReasonInvalid,
				"the native app asks for %s %v, the workload's resources say %v: placement counted those", r.name, said, filled[r.name])
		}
		r.set(milli)
	}
	return main, asked, nil
}

var errAmount = errors.New("not an amount")

// milliOf reads a number of JSON in thousandths.
func milliOf(said any) (int64, error) {
	number, ok := said.(json.Number)
	if !ok {
		return 0, errAmount
	}
	f, err := number.Float64()
	if err != nil || f < 0 || f > 1e12 {
		return 0, errAmount
	}
	return int64(math.Ceil(f*1000 - 1e-6)), nil
}
