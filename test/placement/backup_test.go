package placement

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/stream"
	"fairlead.dev/services/fairlead/backup"
	"fairlead.dev/test/harness"
)

// A federation is backed up while it works, goes on, and is lost with its store. What the
// backup knew is put back into an empty NATS and placement goes on by a plain start: what
// the lost end had changed is changed back, what it had added is withdrawn, nothing runs
// twice, and no number, id or position of the lost end is ever met again.
func TestRestoreOfAnOlderBackup(t *testing.T) {
	for name, agentsMeet := range map[string]bool{"agents come back to the restored log": false, "agents meet the empty NATS": true} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t)
			leader := f.lead()
			sims := f.threeClusters()
			f.want("web", 6, event.Policy{})
			f.eventually(sims, "six run", func(all map[string]int) bool { return all["web"] == 6 })
			dir := filepath.Join(t.TempDir(), "backup")
			m, err := backup.Take(t.Context(), f.nc, f.log, dir, backup.Options{})
			if err != nil {
				t.Fatal(err)
			}

			sims["b"].kill() // its next incarnation is known to the lost end alone
			sims["b"].start()
			f.want("web", 9, event.Policy{})
			f.want("late", 3, event.Policy{})
			f.eventually(sims, "the lost end", func(all map[string]int) bool { return all["web"] == 9 && all["late"] == 3 })
			f.end(leader)
			lost := f.everything()

			f.loseBroker(dir, agentsMeet)
			f.lead()
			f.eventually(sims, "what the backup knew", func(all map[string]int) bool { return all["web"] == 6 && all["late"] == 0 })
			f.want("web", 7, event.Policy{})
			f.want("after", 2, event.Policy{})
			f.eventually(sims, "what is wanted since", func(all map[string]int) bool { return all["web"] == 7 && all["after"] == 2 && all["late"] == 0 })
			f.nothingTwice(lost, f.everything(), m)
		})
	}
}

func (f *fleet) threeClusters() map[event.ClusterID]*sim {
	f.t.Helper()
	sims := map[event.ClusterID]*sim{}
	for _, name := range []event.ClusterID{"a", "b", "c"} {
		sims[name] = f.simulate(name)
		sims[name].start()
	}
	f.synchronised(3)
	return sims
}

// everything is INTENTS and PLACEMENTS as they are.
func (f *fleet) everything() map[event.Stream][]event.Event {
	f.t.Helper()
	all := map[event.Stream][]event.Event{}
	for _, s := range []event.Stream{event.Intents, event.Placements} {
		kept, err := f.log.Tail(f.soon(), s, 0)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, m := range kept {
			e, err := m.Event()
			if err != nil {
				f.t.Fatalf("record %d of %s: %v", m.At.Sequence, s, err)
			}
			all[s] = append(all[s], e)
		}
	}
	return all
}

// loseBroker ends the server for good, and puts a backup into an empty one that comes in
// its place: at once where agents may meet it empty, else elsewhere first.
func (f *fleet) loseBroker(dir string, met bool) {
	f.t.Helper()
	f.stopBroker()
	f.dir = f.t.TempDir()
	if met {
		back := f.nc.StatusChanged(nats.CONNECTED)
		f.startBroker()
		<-back
		f.restore(f.nc, dir)
		return
	}
	elsewhere, err := harness.Serve(harness.Synced(f.dir, server.RANDOM_PORT))
	if err != nil {
		f.t.Fatal(err)
	}
	nc, err := nats.Connect("nats://" + elsewhere.Addr().(*net.TCPAddr).String())
	if err != nil {
		f.t.Fatal(err)
	}
	f.restore(nc, dir)
	nc.Close()
	harness.End(elsewhere)
	back := f.nc.StatusChanged(nats.CONNECTED)
	f.startBroker()
	<-back
}

func (f *fleet) restore(nc *nats.Conn, dir string) {
	f.t.Helper()
	if _, err := backup.Restore(f.soon(), nc, dir, backup.RestoreOptions{}); err != nil {
		f.t.Fatal(err)
	}
	var err error
	if f.log, err = stream.Open(f.soon(), f.nc, stream.Options{SkipCheck: true}); err != nil { // reads nothing of the former streams
		f.t.Fatal(err)
	}
}

// nothingTwice checks that the restored log begins as the lost one did, and shares neither
// an id nor a position with its lost end.
func (f *fleet) nothingTwice(lost, now map[event.Stream][]event.Event, m backup.Manifest) {
	f.t.Helper()
	for s, before := range lost {
		part, _ := m.Part(string(s))
		known := map[string]event.Event{}
		for i, e := range before {
			known[e.ID] = e
			if e.At.Sequence <= part.Last && (now[s][i].ID != e.ID || now[s][i].At != e.At) {
				f.t.Errorf("%s at %d is %s, was %s", s, e.At.Sequence, now[s][i].ID, e.ID)
			}
		}
		end := before[len(before)-1].At.Sequence
		if end <= part.Last {
			f.t.Errorf("nothing of %s was lost", s)
		}
		for _, e := range now[s] {
			if e.At.Sequence <= part.Last {
				continue
			}
			if old, twice := known[e.ID]; twice && !strings.Contains(e.ID, "submit") { // the test's own ids
				f.t.Errorf("%s at %d has the id %s of %d in the lost end", s, e.At.Sequence, e.ID, old.At.Sequence)
			}
			if e.At.Sequence <= end+1000 {
				f.t.Errorf("%s goes on at %d, the lost end ended at %d", s, e.At.Sequence, end)
			}
			if sync, ok := e.Data.(*event.CommandSynchronise); ok && sync.Incarnation <= end {
				f.t.Errorf("%s is answered as incarnation %d, from before the restore", sync.Cluster, sync.Incarnation)
			}
		}
	}
	if len(now[event.Placements]) == 0 {
		f.t.Error(fmt.Errorf("nothing is there"))
	}
}
