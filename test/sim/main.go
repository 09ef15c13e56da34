package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"fairlead.dev/pkg/event"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("sim", flag.ExitOnError)
	seed := fs.Uint64("seed", 1, "first `seed`")
	seeds := fs.Int("seeds", 1, "how many seeds, from the first on")
	steps := fs.Int("steps", 600, "steps of each history, before everything comes to rest")
	all := fs.Bool("all", false, "go on after a seed that fails, and list those that did")
	tell := fs.Bool("v", false, "tell the history of a single seed, step by step")
	broken := fs.Bool("broken", false, "build and run faulty variants: each must be caught")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *seeds < 1 || *steps < 1 || fs.NArg() > 0 {
		return fmt.Errorf("want at least one seed and one step, and no further words (see -h)")
	}
	if *broken {
		return runBroken(out, *seeds)
	}
	return soak(out, *seed, *seeds, *steps, *tell, *all)
}

// failed is a history that broke a law.
type failed struct {
	seed uint64
	err  error
	w    *world
}

// soak runs many seeds on all processors and stops at the first that fails, unless all are
// asked for.
func soak(out io.Writer, first uint64, seeds, steps int, tell, all bool) error {
	began := time.Now()
	var mu sync.Mutex
	var group sync.WaitGroup
	var worst *failed
	next, done, records := first, 0, uint64(0)
	counts := map[string]int{}
	for range min(runtime.GOMAXPROCS(0), seeds) {
		group.Go(func() {
			for {
				mu.Lock()
				seed := next
				next++
				over := seed-first >= uint64(seeds) || worst != nil && !all
				mu.Unlock()
				if over {
					return
				}
				w, err := history(seed, steps, out, tell && seeds == 1)
				mu.Lock()
				done++
				records += w.books.read[event.Placements]
				for name, n := range w.counts {
					counts[name] += n
				}
				if err != nil && all {
					fmt.Fprintf(out, "seed %d: %.200s\n", seed, strings.ReplaceAll(err.Error(), "\n", " "))
				}
				if err != nil && (worst == nil || seed < worst.seed) {
					worst = &failed{seed, err, w}
				}
				if done%1000 == 0 {
					fmt.Fprintf(out, "%d seeds, %s\n", done, time.Since(began).Round(time.Second))
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if worst != nil {
		return worst.tell(out, steps)
	}
	fmt.Fprintf(out, "%d seeds from %d on, %d steps each: every law held; %d records, %s\n", done, first, steps, records, time.Since(began).Round(time.Second))
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(out, "  %8d  %s\n", counts[name], name)
	}
	return nil
}

// history runs one seed. A panic is a broken law as well.
func history(seed uint64, steps int, out io.Writer, tell bool) (w *world, err error) {
	if !tell {
		out = nil
	}
	w = &world{books: newBooks(nil)}
	defer func() {
		if p := recover(); p != nil {
			buf := make([]byte, 1<<14)
			err = fmt.Errorf("panic: %v\n%s", p, buf[:runtime.Stack(buf, false)])
		}
	}()
	w = newWorld(seed, out)
	return w, w.run(steps)
}

func (f *failed) tell(out io.Writer, steps int) error {
	fmt.Fprintf(out, "seed %d, last happenings:\n", f.seed)
	for _, line := range f.w.story {
		fmt.Fprintln(out, " ", line)
	}
	fmt.Fprintf(out, "%s\nagain: go run ./test/sim -seed %d -steps %d -v\n", f.w.books, f.seed, steps)
	return fmt.Errorf("seed %d: %w", f.seed, f.err)
}
