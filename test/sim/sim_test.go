package main

import (
	"io"
	"testing"
)

// A share of what `make sim-soak` runs.
func TestLawsHold(t *testing.T) {
	if err := soak(io.Discard, 1, 40, 500, false, false); err != nil {
		t.Fatal(err)
	}
}

// A seed tells the same history again, to the byte.
func TestSeedRepeats(t *testing.T) {
	const seed = 7
	var before string
	for range 2 {
		w, err := history(seed, 400, io.Discard, false)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if now := w.books.String(); before != "" && now != before {
			t.Fatalf("seed %d: first %s, then %s", seed, before, now)
		}
		before = w.books.String()
	}
}

func TestBadWords(t *testing.T) {
	for _, args := range [][]string{{"-seeds", "0"}, {"-steps", "-1"}, {"more"}} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
