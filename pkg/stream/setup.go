package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// formation is how long servers that were just started may take to find their leader.
const formation = 30 * time.Second

// Setup creates the streams and the checkpoint store that are missing. It changes
// and deletes nothing: what differs from the topology is in the report, for an
// operator to judge.
func Setup(ctx context.Context, js jetstream.JetStream, o Options) (Report, error) {
	return inspect(ctx, js, o, true)
}

// Check reports what is missing or differs, and changes nothing.
func Check(ctx context.Context, js jetstream.JetStream, o Options) (Report, error) {
	return inspect(ctx, js, o, false)
}

func inspect(ctx context.Context, js jetstream.JetStream, o Options, create bool) (Report, error) {
	if err := o.Validate(); err != nil {
		return Report{}, fmt.Errorf("stream options: %w", err)
	}
	o = o.withDefaults()
	var report Report
	for _, p := range topology {
		part, err := inspectStream(ctx, js, p.config(o), create)
		if err != nil {
			return report, err
		}
		report.Parts = append(report.Parts, part)
	}
	if o.Identity.API != "" {
		return report, nil // outside the log's account nobody sees the checkpoints
	}
	part, err := inspectCheckpoints(ctx, js, o, create)
	if err != nil {
		return report, err
	}
	report.Parts = append(report.Parts, part)
	return report, nil
}

func inspectStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig, create bool) (Part, error) {
	found, err := ask(ctx, formation, func(ctx context.Context) (jetstream.Stream, error) { return js.Stream(ctx, want.Name) })
	switch {
	case err == nil:
		return compare(want.Name, want, found.CachedInfo().Config), nil
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return Part{}, fmt.Errorf("look at stream %s: %w", want.Name, err)
	case !create:
		return Part{Name: want.Name, Missing: true}, nil
	}
	if _, err := js.CreateStream(ctx, want); err != nil {
		return Part{}, fmt.Errorf("create stream %s: %w", want.Name, err)
	}
	return Part{Name: want.Name, Created: true}, nil
}

// compareStore looks for compression, which checkpointConfig says more of.
func compareStore(ctx context.Context, store jetstream.ObjectStore) (Part, error) {
	part := Part{Name: bucket}
	status, err := ask(ctx, formation, store.Status)
	if err != nil {
		return Part{}, fmt.Errorf("look at object store %s: %w", bucket, err)
	}
	if status.IsCompressed() {
		part.Differences = append(part.Differences, "compression is on, should be off")
	}
	return part, nil
}

func inspectCheckpoints(ctx context.Context, js jetstream.JetStream, o Options, create bool) (Part, error) {
	store, err := ask(ctx, formation, func(ctx context.Context) (jetstream.ObjectStore, error) { return js.ObjectStore(ctx, bucket) })
	switch {
	case err == nil:
		return compareStore(ctx, store)
	case !errors.Is(err, jetstream.ErrBucketNotFound):
		return Part{}, fmt.Errorf("look at object store %s: %w", bucket, err)
	case !create:
		return Part{Name: bucket, Missing: true}, nil
	}
	if _, err := js.CreateObjectStore(ctx, checkpointConfig(o)); err != nil {
		return Part{}, fmt.Errorf("create object store %s: %w", bucket, err)
	}
	return Part{Name: bucket, Created: true}, nil
}
