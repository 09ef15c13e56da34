package logtail

import (
	"context"
	"reflect"
	"slices"
	"time"
)

// patience is how long the merge waits for a stream that shows nothing before it
// takes the oldest of what the others show. A history that ends is waited for, and its
// order is exact; between live events it is that of arrival.
const patience = 40 * time.Millisecond

// lane is one stream in the merge.
type lane struct {
	in   <-chan Item
	head *Item
	done bool
}

// merge shows the items of all lanes by the time they were stored, until all are
// done or show fails. Lanes that are live may never show anything.
func merge(ctx context.Context, lanes []*lane, live bool, show func(Item) error) error {
	for {
		if err := fill(ctx, lanes, live); err != nil {
			return err
		}
		l := oldest(lanes)
		if l == nil {
			return nil
		}
		item := *l.head
		l.head = nil
		if err := show(item); err != nil {
			return err
		}
	}
}

// fill gives every lane a head; live ones as far as they have one soon. It returns with
// at least one head, or with none when all lanes are done.
func fill(ctx context.Context, lanes []*lane, live bool) error {
	var soon <-chan time.Time
	for {
		missing := slices.DeleteFunc(slices.Clone(lanes), func(l *lane) bool { return l.head != nil || l.done })
		if len(missing) == 0 {
			return nil
		}
		if live && soon == nil && len(missing) < len(lanes) && oldest(lanes) != nil {
			timer := time.NewTimer(patience)
			defer timer.Stop()
			soon = timer.C
		}
		late, err := take(ctx, missing, soon)
		if late || err != nil {
			return err
		}
	}
}

// take gives one of the lanes its head; late says that soon came first.
func take(ctx context.Context, missing []*lane, soon <-chan time.Time) (late bool, err error) {
	cases := make([]reflect.SelectCase, 0, len(missing)+2)
	for _, l := range missing {
		cases = append(cases, receive(l.in))
	}
	chosen, value, ok := reflect.Select(append(cases, receive(soon), receive(ctx.Done())))
	switch {
	case chosen == len(missing):
		return true, nil
	case chosen > len(missing):
		return false, ctx.Err()
	case !ok:
		missing[chosen].done = true
	default:
		item := value.Interface().(Item)
		missing[chosen].head = &item
	}
	return false, nil
}

func receive[T any](c <-chan T) reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
}

func oldest(lanes []*lane) *lane {
	var first *lane
	for _, l := range lanes {
		if l.head != nil && (first == nil || l.head.stored.Before(first.head.stored)) {
			first = l
		}
	}
	return first
}
