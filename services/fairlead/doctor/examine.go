package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/query"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/pkg/stream"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Grade is the outcome of one check.
type Grade string

// The grades. Only Warn and Bad make an examination partial.
const (
	OK   Grade = "ok"
	Warn Grade = "warn"
	Bad  Grade = "failed"
	// Hidden is what the credentials do not show: a reader's.
	Hidden Grade = "hidden"
)

// Finding is one thing examined.
type Finding struct {
	Check  string `json:"check"`
	Grade  Grade  `json:"grade"`
	Detail string `json:"detail"`
}

// maxSkew is how far the clocks of this machine and the store may be apart before
// times shown beside each other mislead.
const maxSkew = 2 * time.Second

// Examine looks at everything that can be looked at; a part that fails does not
// keep the others from being examined. Each question has at most patience. Somebody
// outside the log's account, whose id names an API, is shown less.
func Examine(ctx context.Context, nc *nats.Conn, id identity.Identity, patience time.Duration) []Finding {
	e := &examination{nc: nc, id: id, patience: patience}
	e.server()
	if e.jetStream(ctx) {
		e.streams(ctx)
		e.checkpoints(ctx)
		e.letters(ctx)
	}
	e.placement(ctx)
	return e.findings
}

type examination struct {
	nc       *nats.Conn
	id       identity.Identity
	js       jetstream.JetStream
	patience time.Duration
	findings []Finding
}

func (e *examination) note(check string, g Grade, format string, args ...any) {
	e.findings = append(e.findings, Finding{check, g, fmt.Sprintf(format, args...)})
}

func (e *examination) server() {
	rtt, err := e.nc.RTT()
	if err != nil {
		e.note("server", Bad, "%v", err)
		return
	}
	e.note("server", OK, "%s, NATS %s, answers in %s", e.nc.ConnectedUrlRedacted(), e.nc.ConnectedServerVersion(), rtt.Round(time.Microsecond))
}

func (e *examination) jetStream(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	js, err := jetstream.NewWithAPIPrefix(e.nc, cmp.Or(e.id.API, jetstream.DefaultAPIPrefix))
	if err != nil {
		e.note("jetstream", Bad, "%v", err)
		return false
	}
	if e.outside() {
		e.js = js
		e.note("jetstream", Hidden, "operators see how much is stored")
		return true
	}
	account, err := js.AccountInfo(ctx)
	if err != nil {
		e.note("jetstream", Bad, "%v", err)
		return false
	}
	e.js = js
	grade, limit := OK, "no limit"
	if max := account.Limits.MaxStore; max > 0 {
		limit = "of " + quantity.Memory(max)
		if account.Store*10 > uint64(max)*8 {
			grade = Warn
			limit += ": once it is full no stream takes anything"
		}
	}
	e.note("jetstream", grade, "%d streams, %s stored (%s)", account.Streams, quantity.Memory(int64(account.Store)), limit)
	return true
}

// outside says whether the credentials are of another account than the log's.
func (e *examination) outside() bool { return e.id.API != "" }

// options are how the log is opened to be examined.
func (e *examination) options() stream.Options {
	return stream.Options{SkipCheck: true, Identity: e.id}
}

func (e *examination) streams(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	report, err := stream.Check(ctx, e.js, stream.Options{Replicas: e.replicas(ctx), Identity: e.id})
	if err != nil {
		e.note("streams", Bad, "%v", err)
		return
	}
	for _, p := range report.Parts {
		switch {
		case p.Missing:
			e.note(p.Name, Bad, "does not exist: run `fairlead setup`")
		case len(p.Differences) > 0:
			e.kept(ctx, p.Name, gradeOf(p.Differences), strings.Join(p.Differences, "; "))
		default:
			e.kept(ctx, p.Name, OK, "settings as by default")
		}
	}
}

// kept notes a stream with what it holds, and how near that is to its limits.
func (e *examination) kept(ctx context.Context, name string, g Grade, settings string) {
	strain, why := e.strain(ctx, name)
	switch strain {
	case stream.Tight:
		g, settings = Warn, why+"; "+settings
	case stream.Full:
		g, settings = Bad, why+"; "+settings
	}
	e.note(name, g, "%s%s", e.size(ctx, name), settings)
}

// strain asks about a stream; what cannot be asked, or is none, is told elsewhere.
func (e *examination) strain(ctx context.Context, name string) (stream.Strain, string) {
	log, err := stream.Open(ctx, e.nc, e.options())
	if err != nil {
		return stream.Easy, ""
	}
	state, err := log.State(ctx, event.Stream(name))
	if err != nil {
		return stream.Easy, ""
	}
	return state.Strain()
}

// replicas is how many copies the federation keeps, by its first stream: one and three
// have different defaults elsewhere.
func (e *examination) replicas(ctx context.Context) int {
	s, err := e.js.Stream(ctx, string(event.Intents))
	if err != nil || s.CachedInfo().Config.Replicas != 3 {
		return 1
	}
	return 3
}

// gradeOf tells apart what an operator may tune, size and age, from what the product's
// promises hang on.
func gradeOf(differences []string) Grade {
	for _, d := range differences {
		if !strings.HasPrefix(d, "maximum bytes ") && !strings.HasPrefix(d, "maximum age ") {
			return Warn
		}
	}
	return OK
}

// size says what a stream holds; "" for what is not a stream.
func (e *examination) size(ctx context.Context, name string) string {
	s, err := e.js.Stream(ctx, name)
	if err != nil {
		return ""
	}
	info := s.CachedInfo()
	text := fmt.Sprintf("%d messages, %s", info.State.Msgs, quantity.Memory(int64(info.State.Bytes)))
	if max := info.Config.MaxBytes; max > 0 {
		text += " of " + quantity.Memory(max)
	}
	return text + ", kept " + keptFor(info.Config.MaxAge) + "; "
}

func keptFor(age time.Duration) string {
	switch {
	case age == 0:
		return "for ever"
	case age%(24*time.Hour) == 0:
		return fmt.Sprintf("%d days", age/(24*time.Hour))
	}
	return age.String()
}

func (e *examination) letters(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	log, err := stream.Open(ctx, e.nc, e.options())
	if err != nil {
		e.note("dead letters", Bad, "%v", err)
		return
	}
	counts, err := log.LetterCounts(ctx)
	if err != nil {
		if !errors.As(err, new(*stream.Absent)) { // its absence is told already
			e.note("dead letters", Bad, "%v", err)
		}
		return
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	if total == 0 {
		e.note("dead letters", OK, "none")
		return
	}
	e.note("dead letters", Warn, "%d not replayed: see `fairlead deadletters ls`", total)
}

func (e *examination) placement(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	ask := query.New(e.nc)
	status, _, err := ask.Status(ctx)
	if err != nil {
		e.note("placement", Bad, "%v", err)
		return
	}
	grade, trouble := OK, ""
	if status.Reading {
		grade, trouble = Warn, ", still reading the log"
	}
	if status.Trouble != "" {
		grade, trouble = Bad, ", nothing gets into the log: "+status.Trouble
	}
	if status.Paused && grade == OK {
		grade, trouble = Warn, ", evictions stand still: too many clusters fell silent together"
	}
	e.note("placement", grade, "%s leads epoch %d, engine %s, state %d, %d decisions, %d held%s",
		status.Leader, status.Epoch, status.Engine, status.State, status.Decided, status.Held, trouble)
	e.standbys(ctx, ask)
	clusters, asked, err := ask.Clusters(ctx)
	if err != nil {
		e.note("agents", Bad, "%v", err)
		return
	}
	e.agents(ctx, clusters)
	e.clock(ctx, asked)
}

func (e *examination) agents(ctx context.Context, clusters []scheduler.ClusterView) {
	clusters = slices.DeleteFunc(clusters, func(c scheduler.ClusterView) bool { return c.State == scheduler.ClusterLeftFleet })
	silent := e.unheard(ctx, clusters)
	for _, c := range clusters {
		if c.State == scheduler.ClusterSuspect || c.State == scheduler.ClusterGivenUp || c.State == scheduler.ClusterUnknown {
			silent = append(silent, fmt.Sprintf("%s (%s)", c.Cluster, (time.Duration(c.SilentMillis)*time.Millisecond).Round(time.Second)))
		}
	}
	switch {
	case len(clusters)+len(silent) == 0:
		e.note("agents", Warn, "no cluster has joined: run `fairlead clusters join NAME` and start its agent")
	case len(silent) > 0:
		e.note("agents", Warn, "silent: %s; %d clusters in the fleet", strings.Join(silent, ", "), len(clusters))
	default:
		e.note("agents", OK, "%d clusters, all report", len(clusters))
	}
}

// unheard names the clusters that were admitted and whose agent never came.
func (e *examination) unheard(ctx context.Context, known []scheduler.ClusterView) []string {
	if e.js == nil || e.outside() {
		return nil
	}
	s, err := e.js.Stream(ctx, string(event.Placements))
	if err != nil {
		return nil // told already
	}
	heard := map[string]bool{}
	for _, c := range known {
		heard[stream.Durable(c.Cluster)] = true
	}
	var names []string
	for name := range s.ConsumerNames(ctx).Name() {
		if cluster, ok := strings.CutPrefix(name, stream.Durable("")); ok && !heard[name] {
			names = append(names, cluster+" (joined, no agent yet)")
		}
	}
	slices.Sort(names)
	return names
}

// clock compares this machine's clock with the store's, by the newest record: ticks
// come once a second, so it is at most about a second old.
func (e *examination) clock(ctx context.Context, _ query.Asked) {
	s, err := e.js.Stream(ctx, string(event.Placements))
	if err != nil {
		return
	}
	info := s.CachedInfo()
	server := info.TimeStamp
	skew := time.Since(server).Abs()
	if skew > maxSkew {
		e.note("clock", Warn, "this machine and the store are %s apart", skew.Round(time.Millisecond))
		return
	}
	e.note("clock", OK, "within %s of the store's", skew.Round(time.Millisecond))
}
