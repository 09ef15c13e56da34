// Package impure does all that the core must not.
package impure

import (
	"fmt"
	"maps"
	"math/rand/v2" // want `import of math/rand/v2`
	"os"           // want `import of os`
	"slices"
	"strconv"
	"sync" // want `import of sync`
	"time"
)

type state struct {
	weights map[string]int
	share   float64 // want `a float` `a float`
	lock    sync.Mutex
	events  chan struct{} // want `a channel`
}

func (s *state) act() {
	go fmt.Println()               // want `a goroutine` `input or output: fmt.Println`
	_ = time.Now()                 // want `the clock: time.Now`
	_ = time.Since(time.Time{})    // want `the clock: time.Since`
	<-time.After(1)                // want `the clock: time.After`
	_ = time.NewTimer(time.Second) // want `the clock: time.NewTimer`
	_ = rand.Int()
	_ = os.Args
	s.events <- struct{}{} // want `a channel`
	select {}              // want `a channel`
}

func (s *state) order() []string {
	var names []string
	for name := range s.weights { // want `range over a map`
		names = append(names, name)
	}
	for name := range maps.Keys(s.weights) { // want `maps.Keys outside slices.Sorted`
		names = append(names, name)
	}
	for range s.events { // want `a channel`
	}
	return slices.Collect(maps.Keys(s.weights)) // want `maps.Keys outside slices.Sorted`
}

func floats(n int) int {
	half := 0.5                      // want `a float` `a float`
	_ = time.Duration(n).Seconds()   // want `a float, from Seconds`
	_, _ = strconv.ParseFloat("", 8) // want `a float, from ParseFloat`
	return int(half)                 // want `a float`
}
