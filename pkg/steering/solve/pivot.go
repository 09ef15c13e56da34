package solve

import "math"

// pivot brings a column into the basis for the one that reaches zero first.
func (s *simplex) pivot(enter column, gain float64) {
	s.direction(enter)
	far, row, class := s.ratio(enter)
	s.advance(enter, far)
	if class != none {
		p := s.partner(class)
		if p == none { // then it is the entering column's own class
			s.replaceKey(enter, far)
			return
		}
		s.swapKey(class, p, enter.class == class)
		row = p
	}
	s.basic[s.index(s.base[row])] = false
	s.basic[s.index(enter)] = true
	s.base[row], s.value[row] = enter, far
	s.eliminate(row)
	for i, v := range s.inv[row] {
		s.dual[i] += gain * v
	}
}

// direction fills step and change for one more unit of a column.
func (s *simplex) direction(enter column) {
	for i := range s.step {
		s.step[i] = s.along(i, enter)
		if c := s.base[i].class; c != none {
			s.change[c] += s.step[i]
		}
	}
	if enter.class != none {
		s.change[enter.class]--
	}
}

// along is a row of the inverse times a column of the working basis.
func (s *simplex) along(i int, c column) float64 {
	if c.class == none {
		return s.inv[i][c.group]
	}
	out := 0.0
	if c.group != none {
		for r, u := range s.useOf(c.class, c.group) {
			out += s.inv[i][c.group*s.res+r] * u
		}
	}
	if key := s.key[c.class]; key != none {
		for r, u := range s.useOf(c.class, key) {
			out -= s.inv[i][key*s.res+r] * u
		}
	}
	return out
}

// ratio finds how far the entering column can grow, and which row's column or which
// class's key reaches zero there; among equals the steepest.
func (s *simplex) ratio(enter column) (far float64, row, class int) {
	far, row, class = math.Inf(1), none, none
	steep := 0.0
	try := func(value, fall float64, i, k int) {
		if fall <= tolerance {
			return
		}
		if t := value / fall; t < far-1e-12 || (t <= far+1e-12 && fall > steep) {
			far, steep, row, class = math.Min(t, far), fall, i, k
		}
	}
	for i, y := range s.step {
		try(s.value[i], y, i, none)
		if c := s.base[i].class; c != none {
			try(s.held[c], -s.change[c], none, c)
		}
	}
	if enter.class != none {
		try(s.held[enter.class], -s.change[enter.class], none, enter.class)
	}
	return far, row, class
}

// advance moves along the direction and clears change.
func (s *simplex) advance(enter column, far float64) {
	move := func(k int) {
		s.held[k] = math.Max(0, s.held[k]+far*s.change[k])
		s.change[k] = 0
	}
	for i, y := range s.step {
		s.value[i] = math.Max(0, s.value[i]-far*y)
		if c := s.base[i].class; c != none {
			move(c)
		}
	}
	if enter.class != none {
		move(enter.class)
	}
}

// partner is a row whose basic column belongs to a class, or none.
func (s *simplex) partner(class int) int {
	for i, c := range s.base {
		if c.class == class {
			return i
		}
	}
	return none
}

func (s *simplex) replaceKey(enter column, far float64) {
	k := enter.class
	s.basic[s.index(column{k, s.key[k]})] = false
	s.basic[s.index(enter)] = true
	s.key[k], s.held[k] = enter.group, far
}

// swapKey makes the basic column of row p the key of its class and the key the
// basic column of that row; own says that the class is the entering column's.
func (s *simplex) swapKey(class, p int, own bool) {
	sum := 0.0
	for i, c := range s.base {
		if c.class != class {
			continue
		}
		sum += s.step[i]
		if i == p {
			continue
		}
		for r, v := range s.inv[i] {
			s.inv[p][r] += v
		}
	}
	for r := range s.inv[p] {
		s.inv[p][r] = -s.inv[p][r]
	}
	s.step[p] = -sum
	if own {
		s.step[p]++
	}
	old := s.key[class]
	s.key[class], s.base[p].group = s.base[p].group, old
	s.held[class], s.value[p] = s.value[p], s.held[class]
}

// eliminate updates the inverse for the column that entered in a row.
func (s *simplex) eliminate(row int) {
	lead := s.inv[row]
	for r := range lead {
		lead[r] /= s.step[row]
	}
	for i, y := range s.step {
		if i == row || y == 0 {
			continue
		}
		for r, v := range lead {
			s.inv[i][r] -= y * v
		}
	}
}
