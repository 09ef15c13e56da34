package solve

import "math"

// reinvert computes the inverse, the values and the duals afresh from the basis, so
// that rounding does not pile up.
func (s *simplex) reinvert() {
	n := len(s.base)
	work := square(n)
	for i, c := range s.base {
		s.spread(work, i, c)
	}
	inv, ok := invert(work)
	if !ok {
		return // the updated inverse is the better one
	}
	s.inv = inv
	s.revalue()
	s.reprice()
}

// spread writes a working column into a matrix.
func (s *simplex) spread(m [][]float64, col int, c column) {
	if c.class == none {
		m[c.group][col] = 1
		return
	}
	if c.group != none {
		for r, u := range s.useOf(c.class, c.group) {
			m[c.group*s.res+r][col] += u
		}
	}
	if key := s.key[c.class]; key != none {
		for r, u := range s.useOf(c.class, key) {
			m[key*s.res+r][col] -= u
		}
	}
}

func (s *simplex) revalue() {
	left := append([]float64(nil), s.capacity...)
	for k, g := range s.key {
		s.held[k] = s.demand[k]
		if g == none {
			continue
		}
		for r, u := range s.useOf(k, g) {
			left[g*s.res+r] -= u * s.demand[k]
		}
	}
	for i, c := range s.base {
		v := 0.0
		for r, x := range s.inv[i] {
			v += x * left[r]
		}
		s.value[i] = math.Max(0, v)
		if c.class != none {
			s.held[c.class] -= s.value[i]
		}
	}
	for k := range s.held {
		s.held[k] = math.Max(0, s.held[k])
	}
}

func (s *simplex) reprice() {
	clear(s.dual)
	for i, c := range s.base {
		if c.class == none {
			continue
		}
		d := s.costOf(c.class, c.group) - s.costOf(c.class, s.key[c.class])
		for r, x := range s.inv[i] {
			s.dual[r] += d * x
		}
	}
}

// invert is Gauss and Jordan with row pivoting; it spoils its argument.
func invert(m [][]float64) ([][]float64, bool) {
	n := len(m)
	inv := square(n)
	for i := range inv {
		inv[i][i] = 1
	}
	for c := range n {
		p := c
		for i := c + 1; i < n; i++ {
			if math.Abs(m[i][c]) > math.Abs(m[p][c]) {
				p = i
			}
		}
		if math.Abs(m[p][c]) < 1e-14 {
			return nil, false
		}
		m[c], m[p], inv[c], inv[p] = m[p], m[c], inv[p], inv[c]
		clearColumn(m, inv, c)
	}
	return inv, true
}

func clearColumn(m, inv [][]float64, c int) {
	lead := m[c][c]
	for r := range m {
		m[c][r] /= lead
		inv[c][r] /= lead
	}
	for i := range m {
		f := m[i][c]
		if i == c || f == 0 {
			continue
		}
		for r := range m {
			m[i][r] -= f * m[c][r]
			inv[i][r] -= f * inv[c][r]
		}
	}
}
