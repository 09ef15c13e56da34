package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"fairlead.dev/test/quality/chart"
	"fairlead.dev/test/quality/sim"
	"fairlead.dev/test/quality/verdict"
)

// summary gathers the outcomes of several seeds.
type summary struct {
	name                string
	at100, at130, first []float64
	curve               []sim.Point // of the first seed
}

var header = []string{"policy", "at 100%", "worst", "at 130%", "first failure", "worst"}

func (s *summary) add(o *sim.Outcome) {
	s.at100, s.at130 = append(s.at100, o.At(100)), append(s.at130, o.At(130))
	s.first = append(s.first, o.FirstFailure)
	if s.curve == nil {
		s.curve = o.Curve
	}
}

// measure takes n things through every seed, as many at a time as there are
// processors; results come in order.
func measure(a verdict.Ask, n int, run func(i int, seed uint64) (name string, o *sim.Outcome)) []summary {
	type result struct {
		name string
		o    *sim.Outcome
	}
	all := seeds(a)
	results := make([]result, n*len(all))
	together(len(results), func(i int) {
		results[i].name, results[i].o = run(i/len(all), all[i%len(all)])
	})
	out := make([]summary, n)
	for i, r := range results {
		s := &out[i/len(all)]
		s.name = r.name
		s.add(r.o)
	}
	return out
}

// together does n things, as many at a time as there are processors.
func together(n int, do func(i int)) {
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	wg.Wait()
}

func rows(all []summary) [][]string {
	out := [][]string{header}
	for i := range all {
		out = append(out, all[i].row())
	}
	return out
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(max(1, len(v)))
}

func (s *summary) row() []string {
	out := []string{s.name}
	for _, x := range []float64{mean(s.at100), slices.Min(s.at100), mean(s.at130), mean(s.first), slices.Min(s.first)} {
		out = append(out, fmt.Sprintf("%.2f", x))
	}
	return out
}

// draw writes allocation against arrivals as a chart.
func draw(a verdict.Ask, lines []summary) error {
	c := chart.Chart{
		Title: "openb: GPU allocated against GPU arrived, in % of the fleet", X: "arrived", Y: "allocated",
		MinX: 80, MaxX: 130, StepX: 10, MinY: 80, MaxY: 100, StepY: 2,
	}
	for _, s := range lines {
		l := chart.Line{Name: s.name}
		for _, p := range s.curve {
			l.Points = append(l.Points, [2]float64{p.Arrived, p.Allocated})
		}
		c.Lines = append(c.Lines, l)
	}
	path := filepath.Join(a.Plots, "packing.svg")
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make the chart: %w", err)
	}
	if err := c.Write(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write the chart: %w", err)
	}
	fmt.Fprintln(a.Out, "\nchart:", path)
	return nil
}
