package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/stream"
)

// soak keeps the load up for as long as it was told, sampling, and says what is wrong.
func (f *federation) soak(ctx context.Context) ([]string, error) {
	f.began = time.Now()
	fmt.Printf("%g minutes, %d workloads on %d clusters, %d renewed a second, a sample every %s\n", f.minutes, f.population, f.clusters, f.rate, f.every)
	work, cancel := context.WithTimeout(ctx, time.Duration(f.minutes*float64(time.Minute)))
	defer cancel()
	group, work := errgroup.WithContext(work)
	group.Go(func() error { return f.load.run(work) })
	group.Go(func() error { return slowTail(work, f.log) })
	group.Go(func() error { return f.samples(work) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	f.atRest(ctx)
	if err := f.write(); err != nil {
		return nil, err
	}
	f.judge()
	return f.wrong, nil
}

func (f *federation) samples(ctx context.Context) error {
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	for {
		if err := f.sample(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// sample looks at every process and stream once.
func (f *federation) sample(ctx context.Context) error {
	sums, order := map[string]map[string]float64{}, []string{}
	for _, p := range f.processes {
		if p.dead() {
			return fmt.Errorf("%s ended: see its log", p.name)
		}
		got, err := p.sample(ctx)
		if err != nil {
			return err
		}
		if sums[p.kind()] == nil {
			sums[p.kind()], order = map[string]float64{}, append(order, p.kind())
		}
		for _, m := range measured {
			sums[p.kind()][m.metric] += got[m.metric]
		}
	}
	for _, kind := range order {
		for _, m := range measured {
			f.add(kind+" "+m.name, m.bytes, sums[kind][m.metric])
		}
	}
	for _, s := range append(event.Streams(), stream.DeadLetters, "OBJ_fairlead-checkpoints") {
		info, err := f.js.Stream(ctx, string(s))
		if err != nil {
			return fmt.Errorf("sample %s: %w", s, err)
		}
		now := info.CachedInfo()
		f.add(string(s)+" stored", true, float64(now.State.Bytes))
		if limit := now.Config.MaxBytes; limit > 0 && now.State.Bytes > uint64(limit) {
			f.wrong = append(f.wrong, fmt.Sprintf("%s holds %d bytes, its limit is %d", s, now.State.Bytes, limit))
		}
		if s == stream.DeadLetters && now.State.Msgs > 0 {
			return fmt.Errorf("%d dead letters", now.State.Msgs)
		}
	}
	return nil
}

func (f *federation) add(name string, bytes bool, value float64) {
	s := f.series[name]
	if s == nil {
		s = &series{name: name, bytes: bytes}
		f.series[name], f.order = s, append(f.order, name)
	}
	s.points = append(s.points, point{time.Since(f.began), value})
}

// atRest waits until the population stands, all of it placed.
func (f *federation) atRest(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		placed, all, err := f.placed(ctx)
		if err == nil && all == f.population && placed == all {
			fmt.Printf("%d submitted, %d withdrawn; at rest all %d are placed\n", f.load.made, f.load.gone, placed)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			f.wrong = append(f.wrong, fmt.Sprintf("%d of %d workloads are placed, want %d (%v)", placed, all, f.population, err))
			return
		}
	}
}

// placed counts the workloads that stand as they are wanted, and all that placement knows.
func (f *federation) placed(ctx context.Context) (placed, all int, err error) {
	for i := range tenants {
		list, _, err := query.New(f.nc).Workloads(ctx, tenantOf(i))
		if err != nil {
			return placed, all, err
		}
		for _, w := range list {
			all++
			ready := 0
			for _, a := range w.Assignments {
				ready += a.Ready
			}
			if ready == w.Spec.Replicas {
				placed++
			}
		}
	}
	return placed, all, nil
}

// judge prints every series and notes what grows. The sizes of streams have limits of
// their own; checkpoints have not.
func (f *federation) judge() {
	fmt.Printf("\n%-36s %14s %14s %14s %14s  %s\n", "", "median", "most", "growth", "an hour", "verdict")
	for _, name := range f.order {
		s := f.series[name]
		v := s.judge(f.slack(name))
		fmt.Printf("%-36s %14s %14s %14s %14s  %s\n", name, v.amount(v.median), v.amount(v.most), v.amount(v.growth), v.amount(v.perHour), v.word())
		if v.judged && !v.flat {
			f.wrong = append(f.wrong, fmt.Sprintf("%s grew by %s after the warm-up", name, v.amount(v.growth)))
		}
	}
}

// caches is what the tables of the core may take as they fill: 131,072 states of nodes,
// few of which a run sees twice. What leaks more than a workload's worth at each renewal
// comes to more within an hour.
const caches = 40 << 20

// slack is the growth that a series is not blamed for.
func (f *federation) slack(name string) float64 {
	for _, p := range f.processes {
		for _, m := range measured {
			if name == p.kind()+" "+m.name && m.bytes && p.kind() == "placement" {
				return m.slack + caches
			}
			if name == p.kind()+" "+m.name {
				return m.slack
			}
		}
	}
	return 4 << 20
}

// write keeps the samples as a table.
func (f *federation) write() error {
	file, err := os.Create(filepath.Join(f.keep, "samples.csv"))
	if err != nil {
		return err
	}
	defer file.Close()
	w := csv.NewWriter(file)
	for _, name := range f.order {
		for _, p := range f.series[name].points {
			if err := w.Write([]string{name, strconv.FormatFloat(p.at.Seconds(), 'f', 1, 64), strconv.FormatFloat(p.value, 'f', 0, 64)}); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}
