package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// JetStream's requests for snapshots are no part of its Go client. The library that has
// them, jsm.go, would bring an expression language and another build of the server's
// dependencies into this program; the protocol is the two requests of this file.

const (
	api = "$JS.API."
	// patience is how long the server may be silent while it sends or takes a snapshot.
	patience = 30 * time.Second
	// finishing is how long it may take to make a stream of what it was sent.
	finishing = 30 * time.Minute
	// listening is how long it may take until every server of a cluster knows who listens.
	listening = 5 * time.Second
	chunkMost = 512 << 10
)

// refusal is what the server answers in place of a result.
type refusal struct {
	Error *server.ApiError `json:"error"`
}

// request asks the server and reads its answer.
func request(ctx context.Context, nc *nats.Conn, subject string, ask, answer any) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reply, err := nc.RequestWithContext(ctx, subject, body)
	if err != nil {
		return err
	}
	return read(reply.Data, answer)
}

func read(body []byte, answer any) error {
	var no refusal
	if err := json.Unmarshal(body, &no); err != nil {
		return fmt.Errorf("the server's answer: %w", err)
	}
	if no.Error != nil {
		return fmt.Errorf("the server refuses: %s (%d)", no.Error.Description, no.Error.ErrCode)
	}
	return json.Unmarshal(body, answer)
}

// snapshotOf is the server's answer, with the configuration as it was sent.
type snapshotOf struct {
	Config json.RawMessage    `json:"config"`
	State  server.StreamState `json:"state"`
}

// snapshot writes the server's snapshot of a stream to w.
func snapshot(ctx context.Context, nc *nats.Conn, stream string, w io.Writer) (snapshotOf, error) {
	var answer snapshotOf
	inbox := nc.NewInbox()
	chunks, err := nc.SubscribeSync(inbox)
	if err != nil {
		return answer, err
	}
	defer func() { _ = chunks.Unsubscribe() }() // the connection ends soon anyway
	if err := chunks.SetPendingLimits(-1, -1); err != nil {
		return answer, err // never: it bounds what the server sends ahead already
	}
	ask := server.JSApiStreamSnapshotRequest{DeliverSubject: inbox, CheckMsgs: true}
	if err := request(ctx, nc, api+"STREAM.SNAPSHOT."+stream, ask, &answer); err != nil {
		return answer, err
	}
	for {
		chunk, err := nextChunk(ctx, chunks)
		if err != nil {
			return answer, err
		}
		if len(chunk.Data) == 0 {
			return answer, ended(chunk)
		}
		if chunk.Reply != "" {
			if err := chunk.Respond(nil); err != nil {
				return answer, err
			}
		}
		if _, err := w.Write(chunk.Data); err != nil {
			return answer, err
		}
	}
}

func nextChunk(ctx context.Context, from *nats.Subscription) (*nats.Msg, error) {
	turn, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	chunk, err := from.NextMsgWithContext(turn)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("the server sent nothing for %s", patience)
	}
	return chunk, err
}

// ended reads the message without data that ends a snapshot.
func ended(m *nats.Msg) error {
	if status := m.Header.Get("Status"); status != "" && status != "204" {
		return fmt.Errorf("the server gave up: %s %s", status, m.Header.Get("Description"))
	}
	return nil
}

// restored is what became of a stream.
type restored struct {
	State server.StreamState `json:"state"`
}

// send makes a stream of a configuration and an archive.
func send(ctx context.Context, nc *nats.Conn, stream string, config json.RawMessage, state server.StreamState, r io.Reader) (restored, error) {
	var to server.JSApiStreamRestoreResponse
	ask := map[string]any{"config": config, "state": state}
	if err := request(ctx, nc, api+"STREAM.RESTORE."+stream, ask, &to); err != nil {
		return restored{}, err
	}
	chunk := make([]byte, min(chunkMost, nc.MaxPayload()))
	for {
		n, err := io.ReadFull(r, chunk)
		if n > 0 {
			if err := sendChunk(ctx, nc, to.DeliverSubject, chunk[:n]); err != nil {
				return restored{}, err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return restored{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, finishing)
	defer cancel()
	done, err := nc.RequestWithContext(ctx, to.DeliverSubject, nil)
	if err != nil {
		return restored{}, err
	}
	var made restored
	return made, read(done.Data, &made)
}

// sendChunk asks again where nobody listens yet: in a cluster the word of who takes the
// chunks may come after the word of where to send them.
func sendChunk(ctx context.Context, nc *nats.Conn, to string, chunk []byte) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(listening / 20)
	defer again.Stop()
	for began := time.Now(); ; {
		reply, err := nc.RequestWithContext(ctx, to, chunk)
		if errors.Is(err, nats.ErrNoResponders) && time.Since(began) < listening {
			select {
			case <-again.C:
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err == nil && len(reply.Data) > 0 {
			err = read(reply.Data, &restored{})
		}
		return err
	}
}
