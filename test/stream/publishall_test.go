package stream_test

import (
	"fmt"
	"sync"
	"testing"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
)

func cordons(prefix string, count int) []event.Event {
	var all []event.Event
	for i := range count {
		all = append(all, cordon(fmt.Sprintf("%s%d", prefix, i)))
	}
	return all
}

// TestPublishAllWithoutBatches: a stream that was made before batches were allowed
// takes the events all the same.
func TestPublishAllWithoutBatches(t *testing.T) {
	b := startBroker(t)
	l := open(t, b.ClientURL(), contractOptions)
	ctx := soon(t)
	js := jetStream(t, connect(t, b.ClientURL()))
	found, err := js.Stream(ctx, string(event.Intents))
	must(t, err)
	c := found.CachedInfo().Config
	c.AllowAtomicPublish = false
	_, err = js.UpdateStream(ctx, c)
	must(t, err)
	got, err := l.PublishAll(ctx, cordons("", 700))
	must(t, err)
	inOrder(t, got)
}

func inOrder(t *testing.T, seqs []uint64) {
	t.Helper()
	for i, seq := range seqs {
		if seq != uint64(i+1) {
			t.Fatalf("event %d stands at %d", i, seq)
		}
	}
}

// TestPublishAllAtOnce: more callers than a stream takes open batches; every event is
// stored once, and those of one caller in their order.
func TestPublishAllAtOnce(t *testing.T) {
	const callers, each = 80, 30
	b := startBroker(t)
	ctx := soon(t)
	logs := []*stream.Log{open(t, b.ClientURL(), contractOptions)}
	for len(logs) < 20 { // each has its own bound on open batches
		logs = append(logs, open(t, b.ClientURL(), contractOptions))
	}
	seqs := make([][]uint64, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			var err error
			if seqs[i], err = logs[i%len(logs)].PublishAll(ctx, cordons(fmt.Sprintf("%d-", i), each)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for i, all := range seqs {
		for j := 1; j < len(all); j++ {
			if all[j] <= all[j-1] {
				t.Fatalf("caller %d: %v", i, all)
			}
		}
	}
	state, err := logs[0].State(ctx, event.Intents)
	must(t, err)
	if state.Last != callers*each {
		t.Fatalf("%d events are stored, want %d", state.Last, callers*each)
	}
}
