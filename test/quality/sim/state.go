package sim

import (
	"cmp"
	"slices"
)

// State is the free room of one node: devices in thousandths, largest first.
type State struct {
	Shape    int
	CPU, Mem int64
	GPU      [MostGPUs]int16
}

func (in *Input) empty(shape int) State {
	m := in.Shapes[shape]
	s := State{Shape: shape, CPU: m.CPUMilli, Mem: m.MemoryBytes}
	for i := range m.GPUs {
		s.GPU[i] = 1000
	}
	return s
}

// Fits counts how many of the class the room takes.
func (s *State) Fits(c *Class) int64 {
	n := int64(1 << 20)
	if c.Ask.CPUMilli > 0 {
		n = min(n, s.CPU/c.Ask.CPUMilli)
	}
	if c.Ask.MemoryBytes > 0 {
		n = min(n, s.Mem/c.Ask.MemoryBytes)
	}
	if c.Devices == 0 || n == 0 {
		return n
	}
	shares := int64(0)
	for _, g := range s.GPU {
		if int(g) < c.Milli {
			break
		}
		shares += int64(g) / int64(c.Milli)
	}
	return min(n, shares/int64(c.Devices))
}

// Take gives the room with one of the class on the device at that position, for a
// share; whole devices are the first.
func (s State) Take(c *Class, device int) State {
	s.CPU -= c.Ask.CPUMilli
	s.Mem -= c.Ask.MemoryBytes
	for i := range c.Devices {
		s.GPU[device+i] -= int16(c.Milli)
	}
	if c.Devices > 0 {
		slices.SortFunc(s.GPU[:], func(a, b int16) int { return cmp.Compare(b, a) })
	}
	return s
}

// Devices are the positions a share may go to, each free room once, the fullest
// device first; just the first for anything else.
func (s *State) Devices(c *Class) []int {
	if c.Devices == 0 || c.Milli == 1000 {
		return []int{0}
	}
	var out []int
	for i := len(s.GPU) - 1; i >= 0; i-- {
		if int(s.GPU[i]) >= c.Milli && (i == len(s.GPU)-1 || s.GPU[i] != s.GPU[i+1]) {
			out = append(out, i)
		}
	}
	return out
}

// Free is the free GPU in thousandths.
func (s *State) Free() int64 {
	out := int64(0)
	for _, g := range s.GPU {
		out += int64(g)
	}
	return out
}

// Whole counts the devices that are free altogether.
func (s *State) Whole() int {
	n := 0
	for n < len(s.GPU) && s.GPU[n] == 1000 {
		n++
	}
	return n
}

// compare orders states in a way that has nothing to do with names or positions.
func compare(a, b *State) int {
	return cmp.Or(cmp.Compare(a.Whole(), b.Whole()), cmp.Compare(a.Free(), b.Free()), cmp.Compare(a.CPU, b.CPU),
		cmp.Compare(a.Mem, b.Mem), slices.Compare(a.GPU[:], b.GPU[:]), cmp.Compare(a.Shape, b.Shape))
}
