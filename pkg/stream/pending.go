package stream

import "context"

// Done is closed when the outcome is known.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Wait gives the sequences of the first and last message once they are stored.
func (p *Pending) Wait(ctx context.Context) (first, last uint64, err error) {
	select {
	case <-p.done:
		return p.first, p.last, p.err
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
}

func (p *Pending) settle(last uint64, err error) *Pending {
	p.err = err
	if err == nil {
		p.first, p.last = last-uint64(p.count)+1, last
	}
	close(p.done)
	return p
}

func (p *Pending) settled() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
