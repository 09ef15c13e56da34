package pack

import (
	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/room"
)

// View is a mix as the nodes of one shape see it. It does not change.
type View struct {
	mix   *Mix
	kinds []kind // with the open classes alone
	shut  int64  // share of the demand for GPUs that may not run here, in millionths
}

// On gives the view of a shape; open says whether the class at that position of the
// list learnt from may run there.
func (m *Mix) On(open func(class int) bool) *View {
	v := &View{mix: m}
	for _, k := range m.kinds {
		in := kind{devices: k.devices, milli: k.milli}
		for _, c := range k.classes {
			switch {
			case open(c.id):
				in.classes = append(in.classes, c)
			case k.devices > 0:
				v.shut += c.share
			}
		}
		if len(in.classes) > 0 {
			v.kinds = append(v.kinds, in)
		}
	}
	return v
}

// Score is what the placement of one replica is worth: the worth of the node after
// it less the worth before, in billionths of a GPU, higher is better and mostly
// negative; false if it does not fit.
func (v *View) Score(request event.Resources, node event.FreeNodes) (int64, bool) {
	if room.Fits(node, request) == 0 {
		return 0, false
	}
	return v.Worth(room.Take(node, request)) - v.Worth(node), true
}

// Worth is what the free room of one node is worth to what may still be asked for, in
// billionths of a GPU. Devices are largest first, as in a report.
func (v *View) Worth(node event.FreeNodes) int64 {
	free, whole, out := int64(0), int64(0), int64(0)
	for _, milli := range node.GPUs {
		free += int64(milli)
		out += deviceWeight * v.mix.Device(milli)
		if milli >= device {
			whole++
		}
	}
	lost := v.shut * free
	for i := range v.kinds {
		k := &v.kinds[i]
		fit, small := k.fit(node.GPUs, whole)
		scarce, fits, not := k.count(node.CPUMilli, node.MemoryBytes, fit)
		out += scarce
		if k.devices > 0 {
			lost += fits*small + not*free
		}
	}
	return out - fragmentWeight*lost
}

// Device is what a device with so many thousandths free is worth, in billionths of a
// GPU: however a device is cut into requests, they are not worth more in sum than a
// whole one. That bounds what any scheduler can pack.
func (m *Mix) Device(milli int) int64 { return m.worth[max(0, min(steps, milli/step))] }

// fit counts the requests that the devices have room for, and how much is free on
// devices too full for any.
func (k *kind) fit(devices []int, whole int64) (fit, small int64) {
	if k.devices == 0 {
		return mostFit, 0
	}
	for _, milli := range devices {
		if int64(milli) < k.milli {
			small += int64(milli)
		} else if k.milli < device {
			fit += int64(milli) / k.milli
		}
	}
	if k.milli == device {
		fit = whole / k.devices
	}
	return fit, small
}

// count sums the scarcity of what fits, with the demand of the classes that fit and
// of those that do not.
func (k *kind) count(cpu, mem, most int64) (scarce, fits, not int64) {
	for i := range k.classes {
		c := &k.classes[i]
		if most == 0 || c.cpu > cpu || c.mem > mem {
			not += c.share
			continue
		}
		n := most
		if c.cpu > 0 && n*c.cpu > cpu {
			n = cpu / c.cpu
		}
		if c.mem > 0 && c.mem > mem/n {
			n = mem / c.mem
		}
		scarce += n * c.scarcity
		fits += c.share
	}
	return scarce, fits, not
}
