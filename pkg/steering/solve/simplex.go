package solve

import "math"

const (
	tolerance = 1e-9
	refresh   = 100 // pivots between two fresh inversions
	none      = -1
)

// column names a variable: the units of a class in a group (none: refused), or the
// slack of row group when class is none.
type column struct{ class, group int }

// simplex keeps a basis in which every class owns one key column. What is left to
// invert is as large as the number of capacity rows, however many classes there
// are (Dantzig's generalised upper bounds). Rows are group × resources + resource.
type simplex struct {
	demand, refuse []float64
	use, cost      [][]float64 // per class, group × resources; per class, group
	capacity       []float64   // per row
	groups, res    int
	unit           []float64 // per resource: what one scaled unit is
	money          float64   // what one scaled unit of cost is

	key    []int       // per class: group of its key column, or none for the refused one
	held   []float64   // per class: value of the key column
	base   []column    // per row: the other basic columns
	value  []float64   // per row: their values
	inv    [][]float64 // inverse of the working basis
	dual   []float64   // per row: at most 0
	basic  []bool      // per class × (groups+1) + group + 1, then per row: in the basis
	weight []float64   // per class: makes reduced costs of small and large units comparable

	cursor int
	pivots int
	step   []float64 // per row: how the basic columns fall as the entering one grows
	change []float64 // per class: how the key columns grow; kept zero between pivots
}

func newSimplex(p *Problem) *simplex {
	s := &simplex{demand: p.Demand, groups: len(p.Capacity), money: 1}
	if s.groups > 0 {
		s.res = len(p.Capacity[0])
	}
	s.scale(p)
	classes, rows := len(p.Demand), s.groups*s.res
	s.key, s.held = make([]int, classes), make([]float64, classes)
	s.base, s.value, s.dual = make([]column, rows), make([]float64, rows), make([]float64, rows)
	s.basic = make([]bool, classes*(s.groups+1)+rows)
	s.step, s.change = make([]float64, rows), make([]float64, classes)
	for k := range classes {
		s.key[k], s.held[k] = none, p.Demand[k]
		s.basic[s.index(column{k, none})] = true
	}
	s.inv = square(rows)
	for r := range rows {
		s.base[r], s.value[r], s.inv[r][r] = column{none, r}, s.capacity[r], 1
		s.basic[s.index(s.base[r])] = true
	}
	return s
}

// scale brings capacities and costs near one, and widens each capacity by less
// than a millionth, differently, so that ties do not make the simplex walk in circles.
func (s *simplex) scale(p *Problem) {
	s.unit = make([]float64, s.res)
	for r := range s.unit {
		s.unit[r] = 1
		for _, c := range p.Capacity {
			s.unit[r] = max(s.unit[r], c[r])
		}
	}
	for j := range s.groups * s.res {
		wide := 1 + 1e-7*float64(1+(j*7919)%101)/101
		s.capacity = append(s.capacity, p.Capacity[j/s.res][j%s.res]/s.unit[j%s.res]*wide)
	}
	for k := range p.Demand {
		use, sum := make([]float64, s.groups*s.res), 1e-12
		for i := range use {
			use[i] = p.Use[k][i%len(p.Use[k])] / s.unit[i%s.res]
			sum += use[i]
		}
		s.use = append(s.use, use)
		s.weight = append(s.weight, float64(s.groups)/sum)
		s.money = max(s.money, p.Refuse[k])
	}
	for k := range p.Demand {
		cost := make([]float64, s.groups)
		for j := range cost {
			cost[j] = p.Cost[k][j] / s.money
		}
		s.cost = append(s.cost, cost)
		s.refuse = append(s.refuse, p.Refuse[k]/s.money)
	}
}

func (s *simplex) index(c column) int {
	if c.class == none {
		return len(s.demand)*(s.groups+1) + c.group
	}
	return c.class*(s.groups+1) + c.group + 1
}

func (s *simplex) costOf(k, group int) float64 {
	if group == none {
		return s.refuse[k]
	}
	return s.cost[k][group]
}

// useOf is what a unit of a class needs of a group's resources.
func (s *simplex) useOf(k, group int) []float64 {
	return s.use[k][group*s.res : (group+1)*s.res]
}

// worth is what a unit of a class costs in a group at the present duals.
func (s *simplex) worth(k, group int) float64 {
	out := s.costOf(k, group)
	if group == none {
		return out
	}
	use := s.useOf(k, group)
	for r, v := range s.dual[group*s.res:][:len(use)] {
		out -= v * use[r]
	}
	return out
}

// run pivots until nothing improves.
func (s *simplex) run(most int) bool {
	for s.pivots = 0; s.pivots < most; s.pivots++ {
		if s.pivots%refresh == refresh-1 {
			s.reinvert()
		}
		enter, gain := s.entering()
		if gain == 0 {
			return true
		}
		s.pivot(enter, gain)
	}
	return false
}

// entering finds a column that makes the whole cheaper, and by how much a unit of
// it does (negative). It looks at an eighth of the classes at a time.
func (s *simplex) entering() (best column, gain float64) {
	best, gain = s.enteringSlack()
	classes := len(s.demand)
	block := classes/8 + 1
	score := gain
	for n := range classes {
		if n%block == 0 && gain < 0 {
			break
		}
		k := s.cursor
		s.cursor = (s.cursor + 1) % classes
		if g, d := s.enteringClass(k); d*s.weight[k] < score {
			best, gain, score = column{k, g}, d, d*s.weight[k]
		}
	}
	return best, gain
}

func (s *simplex) enteringClass(k int) (group int, gain float64) {
	if s.demand[k] <= 0 {
		return none, 0
	}
	key := s.worth(k, s.key[k])
	limit := -tolerance
	for g := none; g < s.groups; g++ {
		if d := s.worth(k, g) - key; d < limit && !s.basic[s.index(column{k, g})] {
			group, gain, limit = g, d, d
		}
	}
	return group, gain
}

func (s *simplex) enteringSlack() (best column, gain float64) {
	limit := -tolerance
	for r, v := range s.dual {
		if -v < limit && !s.basic[s.index(column{none, r})] {
			best, gain, limit = column{none, r}, -v, -v
		}
	}
	return best, gain
}

func square(n int) [][]float64 {
	flat, out := make([]float64, n*n), make([][]float64, n)
	for i := range out {
		out[i] = flat[i*n : (i+1)*n]
	}
	return out
}

// result unscales what was found.
func (s *simplex) result(optimal bool) Result {
	out := Result{Pivots: s.pivots, Optimal: optimal, Refused: make([]float64, len(s.demand))}
	for range s.demand {
		out.Placed = append(out.Placed, make([]float64, s.groups))
	}
	add := func(c column, v float64) {
		switch {
		case c.class == none || v <= 0:
			return
		case c.group == none:
			out.Refused[c.class] += v
		default:
			out.Placed[c.class][c.group] += v
		}
		out.Value += v * s.costOf(c.class, c.group) * s.money
	}
	for k, g := range s.key {
		add(column{k, g}, s.held[k])
	}
	for r, c := range s.base {
		add(c, s.value[r])
	}
	for g := range s.groups {
		out.Dual = append(out.Dual, make([]float64, s.res))
		for r := range s.res {
			out.Dual[g][r] = math.Max(0, -s.dual[g*s.res+r]) * s.money / s.unit[r]
		}
	}
	return out
}
