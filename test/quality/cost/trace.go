package cost

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
)

// day is how many seconds the trace calls 1.0.
const day = 86_400

// machine is one VM of the trace.
type machine struct {
	tenant   int64
	cpuMilli int64
	memMiB   int64
	kind     int   // vmTypeId
	from, to int64 // seconds of the trace, cut to its window
}

// readTrace reads the Azure trace; machines that began before it begin at 0, in the
// order of the file, those that outlive it end at horizon.
func readTrace(path string) (out []machine, horizon int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil {
		return nil, 0, fmt.Errorf("read header of %s: %w", path, err)
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("read %s: %w", path, err)
		}
		m, err := parseMachine(row)
		if err != nil {
			return nil, 0, fmt.Errorf("read %s: %w", path, err)
		}
		out = append(out, m)
		horizon = max(horizon, m.from)
	}
	for i := range out {
		out[i].to = min(out[i].to, horizon)
	}
	out = slices.DeleteFunc(out, func(m machine) bool { return m.to <= m.from })
	return byStart(out), horizon, nil
}

func byStart(all []machine) []machine {
	slices.SortStableFunc(all, func(a, b machine) int { return cmp.Compare(a.from, b.from) })
	return all
}

func parseMachine(row []string) (machine, error) {
	var v [7]float64
	for i := range v {
		x, err := strconv.ParseFloat(row[i], 64)
		if err != nil {
			return machine{}, fmt.Errorf("column %d: %w", i, err)
		}
		v[i] = x
	}
	return machine{
		tenant: int64(v[1]), cpuMilli: int64(v[2] * 20), memMiB: int64(v[3] * 1024), kind: int(v[4]),
		from: int64(max(0, v[5]) * day), to: int64(min(v[6], math.MaxInt32) * day),
	}, nil
}
