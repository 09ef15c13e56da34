package scheduler

import (
	"maps"
	"slices"

	"fairlead.dev/pkg/event"
)

// Config holds what an operator may set for the process that leads. Its epoch records it,
// so that whoever folds the log decides by what was in force at each record, whatever the
// folding process was told itself.
type Config struct {
	TickMillis    int64 // period of ticks: observed time advances by at most this much a tick
	SuspectMillis int64 // observed silence after which nothing new is placed on a cluster
	LostMillis    int64 // observed silence after which its replicas are placed elsewhere
	Evictions     int   // workloads that may leave their cluster in a second of observed time
	MassPercent   int   // share of clusters whose common silence stops evictions
	Tries         int   // rejections in a row after which a workload waits before it is tried again
	BackoffMillis int64 // first wait after that; it doubles up to MaxBackoffMillis
	MaxBackoff    int64 // longest wait in ms
}

// DefaultConfig gives the defaults of the documentation.
func DefaultConfig() Config {
	return Config{TickMillis: 1_000, SuspectMillis: 30_000, LostMillis: 120_000, Evictions: 50, MassPercent: 50, Tries: 3, BackoffMillis: 2_000, MaxBackoff: 300_000}
}

// State is the fold of the log. It is not safe for concurrent use.
type State struct {
	cfg       Config
	ruled     bool            // cfg is what an epoch said
	position  uint64          // last record of PLACEMENTS
	positions event.Positions // last facts
	observed  int64           // ms of observed time
	stored    int64           // largest store time seen, ms since 1970
	epoch     uint64
	streams   map[string]string
	demand    demand // the mix of requests as it was learnt last
	paused    bool   // too many clusters are silent together: nothing is evicted
	calm      int64  // observed time at which evictions went on last
	evicted   budget // evictions of this second
	moved     budget // moves of this minute that nothing forced
	lull      int64  // ms between two surprises of a cluster, in the mean of the fleet; 0 if there are none
	look      look   // the workloads looked at in this tick
	settings
	steer steer // where a plan sends new replicas

	clusters  roster
	workloads map[event.WorkloadID]*workload
	owed      []owedCommand   // decided, not yet recorded, in order of decision
	capacity  event.Resources // of the fleet, at the last tick: what shares are shares of

	chosen event.WorkloadID // by the last tick, to look for more than free room

	trial *trial // a question, not a state to decide on; nil otherwise

	// Caches over the above, never part of a digest.
	books   books
	claims  []*workload // that keep room, by the name of the cluster
	queue   queue
	names   []event.WorkloadID // of the workloads, in order; nil when it must be made again
	ages    ages               // by last submission
	windows []window           // what each maintenance window asks for now
	known   *tables
	asked   int64                        // replicas that all workloads want
	kinds   int                          // classes they are of
	dearest *event.Price                 // of the fleet, by resource; nil when it must be looked for
	tied    map[event.Tenant][]*workload // those that hang on the places of others, by name
	picked  picked
	applied uint64 // events applied: what is worked out anew with each
}

// roster keeps clusters by name, in order.
type roster struct {
	byName map[event.ClusterID]*cluster
	sorted []*cluster

	// Derived.
	byNumber []*cluster // in the order of arrival
	order    []int32    // by number: the place in sorted
	known    *tables
}

// cluster is what is known of one cluster. What every look at it reads is at the
// beginning, close together in memory.
type cluster struct {
	version   uint64 // counts what may change its score; a cache is exact only for one
	room      *free  // the base less the debits of pending; nil when it must be made again
	known     *tables
	report    *event.ClusterCapacityReported // the base: newest report of the answered incarnation
	speaker   uint64                         // the incarnation of that
	synced    uint64                         // incarnation last answered (PLACEMENTS)
	hello     uint64                         // newest incarnation that said hello (INTENTS)
	claimant  *workload                      // for whom its room is kept, nil if for nobody
	marks     map[string]mark                // rejected request classes
	alike     alike                          // to others, by what they report; a cache
	number    int                            // in the order of arrival; its leaf in every index
	cordoned  bool
	draining  bool
	left      bool
	suspected bool
	lost      bool   // silent for so long that its replicas are placed elsewhere
	heard     bool   // a report came since the last tick
	changed   bool   // something improved since held workloads were looked at
	window    window // what maintenance asks for now; derived

	id        event.ClusterID
	first     uint64    // first command number of the incarnation answered
	next      uint64    // number of the next command
	back      int64     // observed time of its last recovery
	tainted   []tainted // NoExecute taints of the report and since when
	seen      int64     // observed time of the first tick that covered the last report
	pending   []*told   // commands above the base's appliedThrough, by number
	seats     []*seat   // of the workloads on it, in no order
	surprises surprises // how often others took room that was thought free

	measured *event.ClusterCapacityReported // the report that size is of
	size     event.Resources
	inPlan   inPlan // its group in the steering plan; a cache
}

// mark remembers that a cluster rejected a request; it holds until a newer report.
type mark struct {
	Report uint64 `json:"report"` // last report the agent had sent
}

// workload is what is wanted of one workload and what was decided last. There may be a
// million of them: what only some have is in groups of its own (rare.go).
type workload struct {
	id         event.WorkloadID
	spec       *event.WorkloadSubmitted
	generation uint64
	age        uint64 // position of the last submission
	good       uint64 // the generation that was ready last

	decision   uint64 // PLACEMENTS sequence of the last decision
	decidedGen uint64 // the generation it was made for
	verdict    event.Verdict
	cause      event.Cause
	portions   []portion // that clusters have, by name of the cluster
	replicas   int32     // that the decision was about
	unfilled   int32     // of them without a place
	since      int64     // observed time since when it waits

	remarks *remarks
	efforts *efforts
	past    *past
	charge  *charge // what it takes of the quotas above it; nil: nothing

	withdrawn bool
	rolling   bool  // steps of a rollout wait for earlier ones
	completed bool  // a job that is done
	preempts  bool  // by its class, or its own
	priority  int32 // of its class, or its own

	account *account // of its tenant
	query   *query   // of spec; derived
	seats   []*seat  // where it stands, by name of the cluster
	slot    slot     // its place in the queue's caches
	counted *counted // what it adds to the census, nil: nothing; a cache
}

// New is the state of an empty log.
func New(cfg Config) *State {
	set := newSettings()
	known := newTables(&set)
	return &State{
		cfg:       cfg,
		streams:   map[string]string{},
		settings:  set,
		known:     known,
		clusters:  roster{byName: map[event.ClusterID]*cluster{}, known: known},
		workloads: map[event.WorkloadID]*workload{},
		books:     newBooks(),
		queue:     newQueue(),
		tied:      map[event.Tenant][]*workload{},
	}
}

// Position is the sequence of the last PLACEMENTS record applied.
func (s *State) Position() uint64 { return s.position }

// Positions are the last facts applied.
func (s *State) Positions() event.Positions { return s.positions }

// Observed is the observed time in ms.
func (s *State) Observed() int64 { return s.observed }

// Epoch is the number of the last epoch begun.
func (s *State) Epoch() uint64 { return s.epoch }

// EvictionsPaused says whether nothing is evicted, because too many clusters fell
// silent together.
func (s *State) EvictionsPaused() bool { return s.paused }

// Streams gives the incarnation of each stream as recorded by the last epoch.
func (s *State) Streams() map[string]string { return s.streams }

// get finds or adds a cluster.
func (r *roster) get(id event.ClusterID) *cluster {
	if c, ok := r.byName[id]; ok {
		return c
	}
	c := &cluster{id: id, known: r.known, number: len(r.byName), next: 1, marks: map[string]mark{}}
	r.byName[id] = c
	at, _ := slices.BinarySearchFunc(r.sorted, id, byID)
	r.sorted = slices.Insert(r.sorted, at, c)
	r.byNumber = append(r.byNumber, c)
	r.order = append(r.order, 0)
	for i, o := range r.sorted[at:] {
		r.order[o.number] = int32(at + i)
	}
	return c
}

func byID(c *cluster, id event.ClusterID) int {
	switch {
	case c.id < id:
		return -1
	case c.id > id:
		return 1
	}
	return 0
}

// refused says whether clusters hold something else than was decided: they
// rejected what they were told.
func (w *workload) refused() bool {
	return slices.ContainsFunc(w.portions, func(p portion) bool {
		t := w.on(p.c).standing()
		if t == nil || t.replicas != p.replicas {
			return true
		}
		return !w.standsStill() && p.leaving == 0 && !p.waiting() && t.Generation != w.decidedGen
	})
}

// standsStill says whether the last decision left what runs under the wish it runs
// under.
func (w *workload) standsStill() bool {
	return w.verdict == event.VerdictHeld || w.verdict == event.VerdictPreempted
}

// specOf is the wish of a generation that some cluster still holds.
func (w *workload) specOf(generation uint64) *event.WorkloadSubmitted {
	if generation == w.generation {
		return w.spec
	}
	return w.olderSpec(generation)
}

func (w *workload) holdsGeneration(generation uint64) bool {
	return slices.ContainsFunc(w.seats, func(st *seat) bool { return st.holds(generation) })
}

// replaced says whether everything that stays is ready, so that what leaves may go. An
// older generation that shrinks is no replacement: it waits for one itself.
func (w *workload) replaced() bool {
	return !slices.ContainsFunc(w.portions, func(p portion) bool {
		st := w.on(p.c)
		t := st.standing()
		if p.leaving > 0 && t != nil && t.Generation != w.generation {
			return false
		}
		return p.stays() > 0 && (t == nil || st.ready(t.Number) < p.stays())
	})
}

// moving says whether replicas stay only until their replacement is ready.
func (w *workload) moving() bool {
	return slices.ContainsFunc(w.portions, func(p portion) bool { return p.leaving > 0 })
}

// workloadIDs names every workload, in order; not to be changed.
func (s *State) workloadIDs() []event.WorkloadID {
	if s.names == nil {
		s.names = slices.SortedFunc(maps.Keys(s.workloads), event.WorkloadID.Compare)
	}
	return s.names
}
