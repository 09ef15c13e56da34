package agent

import (
	"cmp"
	"slices"
	"time"

	"fairlead.dev/pkg/event"
)

// window is how many events may be on their way at a time. Order between them does not
// matter: reports are numbered, and rejections name their command.
const window = 16

// outbox keeps what is to be published while the log cannot be reached: of capacity and
// of each workload's status only the newest, rejections all. So it is bounded by the
// number of workloads and of commands that were received.
type outbox struct {
	hello      *outgoing // goes alone: nothing else is said before it is stored
	helloAt    time.Time // not before
	rejections []*outgoing
	capacity   *outgoing
	statuses   map[event.WorkloadID]*outgoing
	order      []event.WorkloadID // of statuses
	left       *outgoing          // goes last

	flight  map[string]*outgoing // on their way, by id
	down    bool
	tries   int
	retryAt time.Time
}

// outgoing is one event and, once it was sent, what it was.
type outgoing struct {
	event event.Event
	stale bool // need not be sent again if this time fails
	sent  bool // was tried at least once: it may be stored
}

func (o *outbox) init() {
	o.statuses = map[event.WorkloadID]*outgoing{}
	o.flight = map[string]*outgoing{}
}

// clear drops what only the incarnation that ends could mean. Rejections stay.
func (o *outbox) clear() {
	o.capacity, o.order = nil, nil
	clear(o.statuses)
	for _, out := range o.flight {
		_, rejection := out.event.Data.(*event.CommandRejected)
		out.stale = !rejection
	}
}

func (o *outbox) connection(up bool) {
	o.down = !up
	if up {
		o.tries, o.retryAt = 0, time.Time{}
	}
}

func (o *outbox) status(w event.WorkloadID, out *outgoing) {
	if o.statuses[w] == nil {
		o.order = append(o.order, w)
	}
	o.statuses[w] = out
}

// next takes what is to be sent next; nil if nothing may go now.
func (o *outbox) next(now time.Time) *outgoing {
	switch {
	case o.down || now.Before(o.retryAt) || len(o.flight) >= window:
		return nil
	case o.hello != nil:
		return o.alone(o.hello, !now.Before(o.helloAt))
	case len(o.rejections) > 0:
		out := o.rejections[0]
		o.rejections = o.rejections[1:]
		return out
	case o.capacity != nil && !o.rejecting():
		out := o.capacity
		o.capacity = nil
		return out
	case len(o.order) > 0:
		out := o.statuses[o.order[0]]
		delete(o.statuses, o.order[0])
		o.order = o.order[1:]
		return out
	case o.left != nil && len(o.flight) == 0:
		return o.left
	}
	return nil
}

// rejecting says whether a rejection is on its way. A report that has its command inside
// waits until it is stored: the reason should be known before the command is decided
// again, and a placement of before reports named what was rejected would take it for
// carried out.
func (o *outbox) rejecting() bool {
	for _, out := range o.flight { // any one will do
		if _, is := out.event.Data.(*event.CommandRejected); is {
			return true
		}
	}
	return false
}

// alone gives an event that stays until it is stored, unless it is on its way.
func (o *outbox) alone(out *outgoing, may bool) *outgoing {
	if !may || o.flight[out.event.ID] != nil {
		return nil
	}
	return out
}

// putBack keeps an event that could not be sent, unless a newer one says more.
func (o *outbox) putBack(out *outgoing) {
	if out.stale {
		return
	}
	switch data := out.event.Data.(type) {
	case *event.CommandRejected:
		o.rejections = append(o.rejections, out)
		slices.SortStableFunc(o.rejections, byNumber)
	case *event.ClusterCapacityReported:
		if o.capacity == nil {
			o.capacity = out
		}
	case *event.WorkloadStatusReported:
		if o.statuses[data.ID()] == nil {
			o.status(data.ID(), out)
		}
	}
}

// byNumber is the order in which rejections were made.
func byNumber(a, b *outgoing) int {
	first, second := a.event.Data.(*event.CommandRejected), b.event.Data.(*event.CommandRejected)
	return cmp.Or(cmp.Compare(first.Incarnation, second.Incarnation), cmp.Compare(first.Number, second.Number))
}

// wake is when something waits to be sent again; zero when nothing does.
func (o *outbox) wake() time.Time {
	if o.down || len(o.flight) >= window {
		return time.Time{}
	}
	if o.hello != nil {
		if o.flight[o.hello.event.ID] != nil {
			return time.Time{}
		}
		return latest(o.helloAt, o.retryAt)
	}
	if len(o.rejections) > 0 || o.capacity != nil || len(o.order) > 0 || o.left != nil && len(o.flight) == 0 {
		return o.retryAt
	}
	return time.Time{}
}

// waiting is the number of events that are not known to be stored.
func (o *outbox) waiting() int {
	n := len(o.flight) + len(o.rejections) + len(o.order)
	if o.capacity != nil {
		n++
	}
	for _, out := range []*outgoing{o.hello, o.left} { // they stay while they are on their way
		if out != nil && o.flight[out.event.ID] == nil {
			n++
		}
	}
	return n
}

// send publishes as much as may go.
func (m *Machine) send() {
	for out := m.outbox.next(m.now); out != nil; out = m.outbox.next(m.now) {
		m.outbox.flight[out.event.ID], out.sent = out, true
		m.do(Publish{out.event})
	}
}

// published takes the answer to a Publish.
func (m *Machine) published(in Published) {
	out := m.outbox.flight[in.ID]
	if out == nil {
		return
	}
	delete(m.outbox.flight, in.ID)
	switch {
	case in.Err == nil:
		m.outbox.tries, m.outbox.retryAt = 0, time.Time{}
		m.stored(out, in.Sequence)
	case in.Refused:
		m.unwelcome(out, in.Err)
	default:
		m.outbox.putBack(out)
		if !m.now.Before(m.outbox.retryAt) { // what fails together counts once
			m.outbox.retryAt = m.now.Add(backOff(m.outbox.tries))
			m.outbox.tries++
		}
	}
}

func (m *Machine) stored(out *outgoing, sequence uint64) {
	switch out {
	case m.outbox.hello:
		m.outbox.hello = nil
		m.greeted(sequence)
	case m.outbox.left:
		m.stop(nil)
	}
	if d, is := out.event.Data.(*event.ClusterCapacityReported); is && d.Incarnation == m.incarnation {
		m.refusals.stored(d)
	}
}

// unwelcome drops an event that will never be accepted. An agent whose hello is refused
// cannot work.
func (m *Machine) unwelcome(out *outgoing, err error) {
	if out == m.outbox.hello || out == m.outbox.left {
		m.stop(err)
	}
}
