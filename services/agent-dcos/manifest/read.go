package manifest

import (
	"strconv"
	"time"

	"fairlead.dev/pkg/agent"
	"fairlead.dev/pkg/agent/inventory"
	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/marathon"
)

// Site is what there is at the path of one workload.
type Site struct {
	Exists  bool          // the group
	Main    *marathon.App // nil for none of ours
	Fence   *marathon.App // nil for none of ours
	Foreign string        // path of something there that is not ours; empty for none
}

// Site tells ours from others' in a group; nil is no group.
func (s Scheme) Site(w event.WorkloadID, group *marathon.Group) Site {
	if group == nil {
		return Site{}
	}
	site := Site{Exists: true}
	for i := range group.Apps {
		app := &group.Apps[i]
		id, ours := s.Owner(app.Labels)
		switch {
		case ours && id == w && app.ID == s.Main(w):
			site.Main = app
		case ours && id == w && app.ID == s.Fence(w):
			site.Fence = app
		default:
			site.Foreign = app.ID
		}
	}
	for _, g := range group.Groups {
		site.Foreign = g.ID
	}
	for _, p := range group.Pods {
		site.Foreign = p.ID
	}
	return site
}

// Token is the fence; 0 for none that can be read.
func (s Site) Token() uint64 { return Token(s.Fence) }

// Withdrawn says whether the fence is a tombstone.
func (s Site) Withdrawn() bool { return s.Fence != nil && s.Fence.Labels[LabelWithdrawn] != "" }

// Forbids says whether a command of the token comes too late.
func (s Site) Forbids(token uint64) bool {
	return s.Token() > token || s.Withdrawn() && s.Token() == token
}

// Drifted says whether main is not what the fence says, see doc.go.
func (s Site) Drifted() bool {
	return s.Main != nil && (s.Fence == nil || s.Withdrawn() || Newer(s.Main.Version, s.Fence.Version))
}

// Same says whether nothing needs to be written.
func (s Site) Same(m *Manifest) bool {
	if s.Main == nil || s.Fence == nil || s.Drifted() || s.Main.Instances != m.Main["instances"] {
		return false
	}
	want := m.Fence["labels"].(map[string]string)
	for _, label := range []string{LabelToken, LabelGeneration, LabelHash} {
		if s.Fence.Labels[label] != want[label] {
			return false
		}
	}
	return true
}

// Read reads a site with a main. What its tasks tell is not in it.
func (s Site) Read(w event.WorkloadID) agent.Object {
	o := agent.Object{Workload: w, Token: s.Token(), Wanted: s.Main.Instances}
	if s.Fence != nil {
		o.Generation = number(s.Fence.Labels[LabelGeneration])
	}
	if !s.Drifted() {
		o.Hash = s.Fence.Labels[LabelHash]
	}
	return o
}

// Asked is what one replica of an app asks for.
func Asked(app *marathon.App) inventory.Room {
	return inventory.Room{
		CPUMilli:    int64(app.CPUs*1000 + 0.5),
		MemoryBytes: int64(app.Mem*1000+0.5) * mebi / 1000,
		GPUs:        int64(app.GPUs),
		Instances:   1,
	}
}

// Token is the token that a fence keeps; 0 for none that can be read: any command may mend it.
func Token(fence *marathon.App) uint64 {
	if fence == nil {
		return 0
	}
	return number(fence.Labels[LabelToken])
}

func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}

// Newer compares versions, which are times. What cannot be read is not newer.
func Newer(a, b string) bool {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	return errX == nil && errY == nil && x.After(y)
}
