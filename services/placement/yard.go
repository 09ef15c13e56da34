package placement

import (
	"time"

	"fairlead.dev/pkg/stream"
)

// yard says which dead letters of one stream are kept: of each publisher some at once and
// then one now and then, by the store's time. A flood of rubbish would fill DEADLETTERS
// and, since each letter is stored before the next message is taken, hold up everybody
// else's. What is not kept as a letter stands in its own stream all the same, and is
// counted.
type yard struct{ gate }

// tollLetter is what a letter costs its publisher: 100 at once, then ten a minute.
var tollLetter = toll{each: 6 * time.Second, patience: 10 * time.Minute}

// admit says whether the letter of a message is kept, and whether it is the last one for
// now.
func (y *yard) admit(m stream.Message) (keep, last bool) {
	y.now = max(y.now, m.At.Stored.UnixMicro())
	if y.at++; y.at%sweep == 0 {
		y.forget()
	}
	who, _ := publisherOf(m.At.Stream, m.Subject)
	keep = y.charge(who, tollLetter.each, tollLetter.patience)
	return keep, keep && y.due[who]+tollLetter.each.Microseconds()-y.now > tollLetter.patience.Microseconds()
}
