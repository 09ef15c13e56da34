package agent

import (
	"time"

	"fairlead.dev/pkg/event"
)

// Input is something that happened to the agent.
type Input interface{ input() }

// Effect is something the shell must do for the machine. Effects of one step are
// independent of each other, except that an Ack may be delayed at will.
type Effect interface{ effect() }

type (
	// Started is the first input.
	Started struct{}

	// TimePassed carries the time; it is the only input that does. The shell gives it
	// before any other input, and when Wake has come.
	TimePassed struct{ Now time.Time }

	// CommandArrived is a command from the agent's consumer, in order as far as the
	// consumer keeps it; duplicates are expected. Its place in the log names it for Ack.
	CommandArrived struct{ Event event.Event }

	// CommandUnreadable is a message of the agent's consumer that is no event of the
	// contract: it may have been a command, so it counts as a gap.
	CommandUnreadable struct{ Sequence uint64 }

	// Renewed says that the command channel is not the one it was: the log was restored,
	// and may know less than this agent was told.
	Renewed struct{}

	// Finished answers an Apply or a Withdraw, each exactly once.
	Finished struct {
		Workload event.WorkloadID
		Token    uint64
		Err      error
	}

	// Observed answers an Observe, each exactly once.
	Observed struct {
		View View
		Err  error
	}

	// Changed is a hint that a new view may differ.
	Changed struct{}

	// Published answers a Publish, each exactly once. Refused is true when the event
	// can never be accepted, so that trying again is no use.
	Published struct {
		ID       string
		Sequence uint64
		Err      error
		Refused  bool
	}

	// Connection says whether the log can be reached. Until the first one it can.
	Connection struct{ Up bool }

	// Leave asks for an orderly departure from the fleet.
	Leave struct{}
)

func (Started) input()           {}
func (TimePassed) input()        {}
func (CommandArrived) input()    {}
func (CommandUnreadable) input() {}
func (Renewed) input()           {}
func (Finished) input()          {}
func (Observed) input()          {}
func (Changed) input()           {}
func (Published) input()         {}
func (Connection) input()        {}
func (Leave) input()             {}

type (
	// Publish asks for the event to be appended to its stream. The same id means the
	// same event, however often it is tried.
	Publish struct{ Event event.Event }

	// Apply asks the orchestrator for the desired state; the attempt ends at Until.
	Apply struct {
		Desired Desired
		Until   time.Time
	}

	// Withdraw asks the orchestrator for the absence; the attempt ends at Until.
	Withdraw struct {
		Withdrawal Withdrawal
		Until      time.Time
	}

	// Observe asks for a view.
	Observe struct{}

	// Ack tells the consumer that the message at this sequence need not come again.
	Ack struct{ Sequence uint64 }

	// Stop ends the agent, for good. Reason is nil after an orderly departure.
	Stop struct{ Reason error }
)

func (Publish) effect()  {}
func (Apply) effect()    {}
func (Withdraw) effect() {}
func (Observe) effect()  {}
func (Ack) effect()      {}
func (Stop) effect()     {}
