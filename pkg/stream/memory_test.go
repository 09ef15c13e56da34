package stream_test

import (
	"testing"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/stream"
	"fairlead.dev/pkg/stream/streamtest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	streamtest.Run(t, func(*testing.T) streamtest.Subject {
		m := stream.NewMemory(stream.MemoryConfig{Options: stream.Options{
			Redeliver: streamtest.Redeliver, Checkpoints: streamtest.Checkpoints, InFlight: streamtest.InFlight,
		}})
		return streamtest.Subject{
			Log: m, Purge: m.Purge, Deaf: func(answers int) streamtest.Log {
				m.Inject(times(answers, stream.OpPublish, stream.LoseAnswer))
				return m
			},
			Recreate: m.Recreate, Damage: m.Damage,
			Store: func(subject string, data []byte) error {
				msg := nats.NewMsg(subject)
				msg.Data = data
				return m.Store(t.Context(), msg)
			},
		}
	})
}
