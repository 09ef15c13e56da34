package security_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/nats-io/nats.go"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/rights"
)

// attempt is one reach for what is another's.
type attempt struct {
	who   rights.Role // as eu-1, shop, … of the stage
	tries string
	do    func(s *stage, m *member) error
	ends  ending
}

// ending is how an attempt must end. In each case nothing else has changed in the store.
type ending string

const (
	forbidden  ending = "forbidden"  // the server says that it is not allowed
	unheard    ending = "unheard"    // it goes nowhere: nobody is there who would take it
	recognised ending = "recognised" // it is stored under the identity's own subject, and every reader refuses it
)

// TestAttempts tries them one after the other against one server, and looks after each
// at everything in the store. `make security-test` prints the table.
func TestAttempts(t *testing.T) {
	s := newStage(t)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHO\tTRIES\tENDED")
	refused := 0
	for _, a := range attempts() {
		t.Run(string(a.who)+" "+a.tries, func(t *testing.T) {
			ended := s.try(t, a)
			fmt.Fprintf(table, "%s\t%s\t%s\n", a.who, a.tries, ended)
			refused++
		})
	}
	_ = table.Flush()
	fmt.Printf("%d attempts, none succeeded: %v\n\n", refused, !t.Failed())
}

// try makes the attempt and holds the store before it against the store after it.
func (s *stage) try(t *testing.T, a attempt) string {
	t.Helper()
	m := s.members[a.who]
	before := s.look(t)
	err := a.do(s, m)
	s.settle(t, m)
	after := s.look(t)
	own := after.added(before)
	switch {
	case a.ends == forbidden && !denied(err):
		t.Errorf("want a refusal by the server, got %v", err)
	case a.ends == unheard && !lost(err):
		t.Errorf("want that nobody hears it, got %v", err)
	case a.ends == recognised && (err != nil || len(own) == 0):
		t.Errorf("want that it is stored and recognised, got %v, stored %d", err, len(own))
	case a.ends != recognised && len(own) > 0:
		t.Errorf("stored: %v", own)
	}
	if difference := after.compare(before); difference != "" {
		t.Errorf("it had an effect: %s", difference)
	}
	return string(a.ends) + s.verdict(t, own)
}

// verdict holds what was stored against every reader: no message of an attempt is an
// event.
func (s *stage) verdict(t *testing.T, own []event.At) string {
	t.Helper()
	var reasons []string
	for _, at := range own {
		message := s.read(t, at)
		_, err := message.Event()
		bad := new(event.Invalid)
		if !errors.As(err, &bad) {
			t.Errorf("%s at %d is taken for an event of %s", at.Stream, at.Sequence, message.Subject)
			continue
		}
		reasons = append(reasons, bad.Reason)
	}
	if len(reasons) == 0 {
		return ""
	}
	return ": " + strings.Join(reasons, ", ")
}

// denied says that the server, or the product before it, refused.
func denied(err error) bool {
	return errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, nats.ErrAuthorization)
}

// lost says that nobody took it: no answer, and nobody who could give one.
func lost(err error) bool {
	return errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, errNothing)
}

// errNothing is how an attempt ends whose outcome shows in the store alone.
var errNothing = errors.New("nothing is told")
