package stream

import (
	"fmt"
	"math"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
)

// DeadLetters keeps what could not be read or trusted, one message per subject.
const DeadLetters event.Stream = "DEADLETTERS"

const (
	bucket = "fairlead-checkpoints" // object store of the checkpoints

	maxMessage  = 8 << 20  // headers and data; the limit of most servers is lower
	letterRoom  = 64 << 10 // what a dead letter adds to the headers of the message it keeps
	maxBatch    = 1000     // messages the server takes in one atomic batch
	maxInFlight = 16       // far below the 50 open batches of a stream

	day = 24 * time.Hour
	gib = 1 << 30
)

// plan is one row of the topology.
type plan struct {
	stream    event.Stream
	about     string
	age       time.Duration // records are kept this long,
	bytes     int64         // as long as the stream is not larger than this (before Options.Scale)
	repeated  bool          // publishers repeat what is lost: may be persisted asynchronously
	dedupe    time.Duration // one Msg-Id is stored once within this time
	consumers int
	atomic    bool // takes batches that get in all together or not at all
	adapt     func(*jetstream.StreamConfig)
}

// topology is every stream there is. PLACEMENTS carries one durable per cluster,
// hence its many consumers; nothing may ever remove a record from it but age and
// size, so it allows no per-message TTL, no rollup and no sources.
var topology = []plan{
	{stream: event.Intents, about: "what services and operators want", age: 30 * day, bytes: 8 * gib,
		dedupe: 10 * time.Minute, consumers: 2000, atomic: true},
	{stream: event.Status, about: "what became of it, from the agents", age: 7 * day, bytes: 4 * gib,
		repeated: true, dedupe: 2 * time.Minute, consumers: 2000},
	{stream: event.Capacity, about: "what the clusters have free", age: 7 * day, bytes: 4 * gib,
		repeated: true, dedupe: 2 * time.Minute, consumers: 2000},
	{stream: event.Placements, about: "decisions and commands; one writer", age: 30 * day, bytes: 8 * gib,
		dedupe: 2 * time.Minute, consumers: 20000, atomic: true},
	{stream: DeadLetters, about: "what could not be read or trusted", age: 30 * day, bytes: 1 * gib,
		dedupe: 2 * time.Minute, consumers: 100,
		adapt: func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject, c.MaxMsgSize = 1, -1 }},
}

// Subjects is the wildcard of everything a stream keeps, for example
// fairlead.placements.>.
func Subjects(s event.Stream) string { return event.FilterStream(s) }

// config is the row as the server wants it.
func (p plan) config(o Options) jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name:         string(p.stream),
		Description:  p.about,
		Subjects:     []string{Subjects(p.stream)},
		Retention:    jetstream.LimitsPolicy,
		Discard:      jetstream.DiscardOld,
		Storage:      jetstream.FileStorage,
		MaxConsumers: p.consumers,
		MaxMsgs:      -1,
		MaxBytes:     int64(math.Ceil(float64(p.bytes) * o.Scale)),
		MaxAge:       p.age,
		MaxMsgSize:   maxMessage,
		Duplicates:   p.dedupe,
		Replicas:     o.Replicas,
		AllowDirect:  true,

		AllowAtomicPublish: p.atomic,
		MaxMsgsPerSubject:  -1,
	}
	if p.repeated && o.Replicas == 1 {
		c.PersistMode = jetstream.AsyncPersistMode
	}
	if p.adapt != nil {
		p.adapt(&c)
	}
	return c
}

// checkpointConfig leaves compression off: checkpoints are packed before they are stored. A
// server that is killed while it writes a compressed block may not be able to read it again
// (`make chaos` met it with nats-server 2.15.2), and loses its copy.
func checkpointConfig(o Options) jetstream.ObjectStoreConfig {
	return jetstream.ObjectStoreConfig{
		Bucket:      bucket,
		Description: "checkpoints of the placement state",
		Storage:     jetstream.FileStorage,
		Replicas:    o.Replicas,
	}
}

// Names lists every stream of JetStream that the log is made of, the one that keeps the
// checkpoints first: none of them names a record, or is made from one, that those behind
// it may lack.
func Names() []string {
	names := []string{"OBJ_" + bucket, string(event.Placements)}
	for _, s := range []event.Stream{event.Intents, event.Status, event.Capacity, DeadLetters} {
		names = append(names, string(s))
	}
	return names
}

// Persist puts how a stream is written to disk into its configuration, as JSON has it,
// where it hangs on the number of its copies.
func Persist(config map[string]any, name string) {
	delete(config, "persist_mode")
	one := fmt.Sprint(config["num_replicas"]) == "1"
	for _, p := range topology {
		if string(p.stream) == name && p.repeated && one {
			config["persist_mode"] = "async"
		}
	}
}
