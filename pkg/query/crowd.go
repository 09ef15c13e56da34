package query

import (
	"strings"
	"sync"
)

const (
	mostQuestions = 64 // that are answered at a time: each waits for the loop of placement
	mostOfOne     = 8  // of those, of one tenant
)

// crowd bounds the questions under way, in all and of each tenant, so that nobody's keep
// the others from being asked, nor take the memory.
type crowd struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by tenant; those with none are not in it
}

// enter lets a question in, and gives what ends it; nil where there are too many.
func (c *crowd) enter(subject string) (leave func()) {
	who := asker(subject)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= mostQuestions || who != "" && c.of[who] >= mostOfOne {
		return nil
	}
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.all++
	c.of[who]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all--
		if c.of[who]--; c.of[who] == 0 {
			delete(c.of, who)
		}
	}
}

// asker is the tenant in a subject, which is what rights are given on; "" for the fleet.
func asker(subject string) string {
	rest, ok := strings.CutPrefix(subject, subjectRoot+"tenant.")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, ".")
	return name
}
