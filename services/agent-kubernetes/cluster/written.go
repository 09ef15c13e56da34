package cluster

import (
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"fairlead.dev/services/agent-kubernetes/manifest"
)

// key is where an object is.
type key struct {
	resource        schema.GroupVersionResource
	namespace, name string
}

func keyOf(o *manifest.Object) key { return key{o.Resource, o.Namespace, o.Name} }

// writing is what we wrote ourselves, shown until the watch tells as much or more: what Apply has
// stored, the next view holds.
type writing struct {
	object *seen
	until  time.Time
}

type seen manifest.Object

func (s *seen) is(uid types.UID) bool { return s != nil && s.UID == uid }

// believeFor bounds how long our own writing stands without the watch: an object that was made and
// removed while the watch was down is never told of.
const believeFor = 30 * time.Second

// wrote remembers an object as we just left it.
func (c *Cluster) wrote(o manifest.Object) {
	kept := seen(o)
	c.locked(func() { c.written[keyOf(&o)] = writing{&kept, time.Now().Add(believeFor)} })
	c.hints.Give()
}

// deleted remembers that the deletion of an object was accepted.
func (c *Cluster) deleted(k key, uid types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.current(k); o != nil && o.UID == uid {
		gone := seen(*o)
		gone.Removed, gone.Wanted, gone.Pending = true, 0, 0
		c.written[k] = writing{&gone, time.Now().Add(believeFor)}
	}
}

// current is the newest that is known of an object; nil if none is known. c.mu is held.
func (c *Cluster) current(k key) *manifest.Object {
	watched := c.objects[k]
	w, ok := c.written[k]
	if !ok {
		return watched
	}
	ours := (*manifest.Object)(w.object)
	if time.Now().After(w.until) || watched != nil && !behind(watched, ours) {
		delete(c.written, k)
		return watched
	}
	return ours
}

// behind says whether what the watch told is older than what we wrote.
func behind(watched, ours *manifest.Object) bool {
	order, err := resourceversion.CompareResourceVersion(watched.Version, ours.Version)
	if err != nil || order > 0 {
		return false
	}
	return order < 0 || ours.Removed && !watched.Removed && watched.UID == ours.UID
}
