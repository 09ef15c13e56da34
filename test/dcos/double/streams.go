package double

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// streams are the open event streams of both APIs.
type streams struct {
	mu       sync.Mutex
	marathon map[chan []byte]bool
	mesos    map[chan []byte]bool
	cut      chan struct{} // closed to end all that are open
	mute     bool
}

// buffered is how many events a slow reader may be behind; it then loses its stream.
const buffered = 1024

// join opens a stream.
func (s *streams) join(of *map[chan []byte]bool) (events chan []byte, cut chan struct{}, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *of == nil {
		*of = map[chan []byte]bool{}
	}
	if s.cut == nil {
		s.cut = make(chan struct{})
	}
	events = make(chan []byte, buffered)
	(*of)[events] = true
	return events, s.cut, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(*of, events)
	}
}

// send gives an event to all streams of one API.
func (s *streams) send(of *map[chan []byte]bool, event []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mute {
		return
	}
	for events := range *of {
		select {
		case events <- event:
		default:
			delete(*of, events)
		}
	}
}

func (s *streams) muted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mute
}

// tell sends an event of Marathon's.
func (c *Cluster) tell(kind string, data document) {
	data["eventType"], data["timestamp"] = kind, stamp(time.Now())
	c.out.send(&c.out.marathon, []byte(fmt.Sprintf("event: %s\r\ndata: %s\r\n\r\n", kind, encoded(data))))
}

// tellMesos sends an event of Mesos'.
func (c *Cluster) tellMesos(event document) { c.out.send(&c.out.mesos, record(event)) }

func encoded(data document) []byte {
	text, err := json.Marshal(data)
	if err != nil {
		panic("double: " + err.Error())
	}
	return text
}

// record frames an event as RecordIO.
func record(event document) []byte {
	text := encoded(event)
	return append(fmt.Appendf(nil, "%d\n", len(text)), text...)
}

// events is Marathon's stream, which must be asked for as what it is.
func (c *Cluster) events(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		w.WriteHeader(http.StatusNotAcceptable)
		return
	}
	events, cut, leave := c.out.join(&c.out.marathon)
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	attached := fmt.Appendf(nil, "event: event_stream_attached\r\ndata: %s\r\n\r\n", encoded(document{
		"eventType": "event_stream_attached", "remoteAddress": r.RemoteAddr, "timestamp": stamp(time.Now()),
	}))
	c.pour(w, r, attached, events, cut, []byte("\r\n"), 5*time.Second)
}

// subscribe is Mesos' stream: the state, then changes, with heartbeats.
func (c *Cluster) subscribe(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(r.Header.Get("Accept"), "application/recordio") {
		w.Header().Set("Content-Type", "application/recordio")
		w.Header().Set("Message-Content-Type", "application/json")
	}
	c.mu.Lock() // so that nothing happens between the state and the first change
	events, cut, leave := c.out.join(&c.out.mesos)
	first := record(document{"type": "SUBSCRIBED", "subscribed": document{
		"get_state": c.state(), "heartbeat_interval_seconds": c.cfg.Heartbeat.Seconds(),
	}})
	c.mu.Unlock()
	defer leave()
	c.pour(w, r, first, events, cut, record(document{"type": "HEARTBEAT"}), c.cfg.Heartbeat)
}

// pour writes a stream until it is cut.
func (c *Cluster) pour(w http.ResponseWriter, r *http.Request, first []byte, events chan []byte, cut chan struct{}, heartbeat []byte, every time.Duration) {
	out := http.NewResponseController(w)
	beat := time.NewTicker(every)
	defer beat.Stop()
	for next := first; ; {
		if _, err := w.Write(next); err != nil || out.Flush() != nil {
			return
		}
		for next = nil; next == nil; {
			select {
			case next = <-events:
			case <-beat.C:
				if !c.out.muted() {
					next = heartbeat
				}
			case <-cut:
				panic(http.ErrAbortHandler) // the connection breaks; it does not end
			case <-r.Context().Done():
				return
			case <-c.ctx.Done():
				return
			}
		}
	}
}
