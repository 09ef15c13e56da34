package condition

import (
	"maps"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Facts are what an expression can ask of one cluster. Maps may be nil.
type Facts struct {
	Name, Orchestrator, Version string
	Provider, Region, Zone      string
	Labels                      map[string]string
	Taints                      []Taint
	// Scores from outside by name; the caller leaves out the expired ones.
	Scores      map[string]int64
	Free        Room
	Allocatable Room
}

// Taint is a taint of the cluster.
type Taint struct{ Key, Value, Effect string }

// Room is an amount over all nodes: thousandths of cores, bytes, thousandths of devices.
type Room struct{ CPUMilli, MemoryBytes, GPUMilli int64 }

// variables declares what activation resolves; the two stand side by side so that they
// agree, and TestEveryVariable holds them together.
func variables() []cel.EnvOption {
	texts := cel.MapType(cel.StringType, cel.StringType)
	declared := []cel.EnvOption{
		cel.Variable("cluster.labels", texts),
		cel.Variable("cluster.taints", cel.ListType(texts)),
		cel.Variable("cluster.scores", cel.MapType(cel.StringType, cel.IntType)),
	}
	for _, name := range []string{"name", "orchestrator", "version", "provider", "region", "zone"} {
		declared = append(declared, cel.Variable("cluster."+name, cel.StringType))
	}
	for _, room := range []string{"free", "allocatable"} {
		for _, part := range []string{"cpuMilli", "memoryBytes", "gpuMilli"} {
			declared = append(declared, cel.Variable("cluster."+room+"."+part, cel.IntType))
		}
	}
	return declared
}

// activation resolves the variables of one cluster, each when it is asked for.
type activation struct{ facts *Facts }

// Parent is nil: there is no outer scope.
func (activation) Parent() cel.Activation { return nil }

// ResolveName gives the value of a variable.
func (a activation) ResolveName(name string) (any, bool) {
	f := a.facts
	switch name {
	case "cluster.name":
		return types.String(f.Name), true
	case "cluster.orchestrator":
		return types.String(f.Orchestrator), true
	case "cluster.version":
		return types.String(f.Version), true
	case "cluster.provider":
		return types.String(f.Provider), true
	case "cluster.region":
		return types.String(f.Region), true
	case "cluster.zone":
		return types.String(f.Zone), true
	case "cluster.labels":
		return ordered(f.Labels), true
	case "cluster.taints":
		return taints(f.Taints), true
	case "cluster.scores":
		return ordered(f.Scores), true
	}
	return resolveRoom(f, name)
}

// resolveRoom gives the value of a variable that is an amount.
func resolveRoom(f *Facts, name string) (any, bool) {
	switch name {
	case "cluster.free.cpuMilli":
		return types.Int(f.Free.CPUMilli), true
	case "cluster.free.memoryBytes":
		return types.Int(f.Free.MemoryBytes), true
	case "cluster.free.gpuMilli":
		return types.Int(f.Free.GPUMilli), true
	case "cluster.allocatable.cpuMilli":
		return types.Int(f.Allocatable.CPUMilli), true
	case "cluster.allocatable.memoryBytes":
		return types.Int(f.Allocatable.MemoryBytes), true
	case "cluster.allocatable.gpuMilli":
		return types.Int(f.Allocatable.GPUMilli), true
	}
	return nil, false
}

func taints(list []Taint) ref.Val {
	values := make([]ref.Val, len(list))
	for i, t := range list {
		values[i] = ordered(map[string]string{"key": t.Key, "value": t.Value, "effect": t.Effect})
	}
	return types.NewRefValList(types.DefaultTypeAdapter, values)
}

// orderedMap walks its keys in order: CEL's own maps follow Go's, and then both the
// answer of an expression and what it costs could differ from run to run.
type orderedMap[V any] struct {
	traits.Mapper
	of map[string]V
}

func ordered[V any](m map[string]V) ref.Val {
	return orderedMap[V]{Mapper: types.NewDynamicMap(types.DefaultTypeAdapter, m), of: m}
}

// Iterator walks the keys in order.
func (m orderedMap[V]) Iterator() traits.Iterator {
	return types.NewStringList(types.DefaultTypeAdapter, slices.Sorted(maps.Keys(m.of))).Iterator()
}
