package exit

import (
	"context"
	"errors"
	"io/fs"
	"net"

	"fairlead.dev/pkg/stream"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// known maps errors of the standard library and of NATS to codes; the first
// match counts.
var known = []struct {
	target error
	code   Code
}{
	{context.Canceled, Interrupted},
	{nats.ErrAuthorization, Forbidden},
	{nats.ErrAuthExpired, Forbidden},
	{nats.ErrAuthRevoked, Forbidden},
	{nats.ErrPermissionViolation, Forbidden},
	{stream.ErrUnauthorized, Forbidden},
	{stream.ErrUnreachable, Unreachable},
	{nats.ErrNoServers, Unreachable},
	{nats.ErrNoResponders, Unreachable},
	{nats.ErrTimeout, Unreachable},
	{nats.ErrConnectionClosed, Unreachable},
	{jetstream.ErrJetStreamNotEnabled, Unreachable},
	{jetstream.ErrJetStreamNotEnabledForAccount, Unreachable},
	{context.DeadlineExceeded, Unreachable},
	{fs.ErrNotExist, Usage},
	{fs.ErrPermission, Usage},
}

// Of gives the code of an error: the one attached to it, else the one its cause
// is known for, else Failure.
func Of(err error) Code {
	if err == nil {
		return OK
	}
	if coded, ok := errors.AsType[*Error](err); ok {
		return coded.Code
	}
	for _, k := range known {
		if errors.Is(err, k.target) {
			return k.code
		}
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return Unreachable
	}
	return Failure
}
