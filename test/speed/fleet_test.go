package main

import (
	"testing"
	"time"
)

// Every part of the program runs on a small fleet, and its simulated clusters are as
// true as the goals demand: what was placed fits.
func TestCoreOnASmallFleet(t *testing.T) {
	d, err := measureCore(8, 16, 2000, time.Minute)
	if err != nil || len(d.times) != 2000 || percentile(d.times, 99) < percentile(d.times, 50) {
		t.Errorf("%d decisions, p50 %s, p99 %s: %v", len(d.times), percentile(d.times, 50), percentile(d.times, 99), err)
	}
}

func TestQualityOnASmallFleet(t *testing.T) {
	c, err := compare(8, 16, time.Second)
	if err != nil || c.best != c.scanned || c.same != c.repeated {
		t.Errorf("%+v: %v", c, err)
	}
}

func TestMemoryOfASmallFleet(t *testing.T) {
	w, err := weigh(population{clusters: 8, nodes: 800, workloads: 500}, "")
	if err != nil || w.live == 0 || w.full() {
		t.Errorf("%+v: %v", w, err)
	}
}
