package stream

import (
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"fairlead.dev/pkg/event"
)

// sendBatch writes the messages of an atomic batch one behind the other and asks
// for one answer, to the last. jetstreamext.PublishMsgBatch would wait for the
// answer of each batch before the next can begin, and for one more to its first
// message.
func (l *Log) sendBatch(b batch) error {
	clean(b.messages)
	guard(b.messages[0], b)
	last := len(b.messages) - 1
	if last > 0 {
		number(b.messages, nuid.Next())
	}
	for _, m := range b.messages[:last] {
		if err := l.nc.PublishMsg(m); err != nil {
			return err // without its last message the batch is never committed
		}
	}
	return l.appends.send(b.messages[last], func(seq uint64, err error) {
		if err == nil {
			l.horizon.saw(event.Placements, "", seq)
		}
		b.told(seq, err)
	})
}

// clean removes what an earlier attempt put there: on a retry the batch may have
// been cut differently.
func clean(messages []*nats.Msg) {
	for _, m := range messages {
		if m.Header == nil {
			m.Header = nats.Header{}
		}
		m.Reply = ""
		for _, h := range chainHeaders {
			m.Header.Del(h)
		}
	}
}

var chainHeaders = []string{
	jetstreamext.BatchIDHeader, jetstreamext.BatchSeqHeader, jetstreamext.BatchCommitHeader,
	jetstream.ExpectedLastSeqHeader, jetstream.ExpectedLastSubjSeqHeader, jetstream.ExpectedLastSubjSeqSubjHeader,
}

func number(messages []*nats.Msg, id string) {
	for i, m := range messages {
		m.Header.Set(jetstreamext.BatchIDHeader, id)
		m.Header.Set(jetstreamext.BatchSeqHeader, strconv.Itoa(i+1))
	}
	messages[len(messages)-1].Header.Set(jetstreamext.BatchCommitHeader, "1")
}

func guard(m *nats.Msg, b batch) {
	m.Header.Set(jetstream.ExpectedLastSeqHeader, strconv.FormatUint(b.expected, 10))
	if b.fence.subject != "" {
		m.Header.Set(jetstream.ExpectedLastSubjSeqSubjHeader, b.fence.subject)
		m.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(b.fence.at, 10))
	}
}
