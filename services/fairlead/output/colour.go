package output

import (
	"os"

	"github.com/jedib0t/go-pretty/v6/text"
)

// colours of the words that mean good, wait and bad. A cell is coloured only when
// it is exactly such a word, so no meaning hangs on colour alone.
var colours = map[string]text.Color{
	"ready": text.FgGreen, "placed": text.FgGreen, "completed": text.FgGreen, "ok": text.FgGreen, "✓": text.FgGreen,
	"pending": text.FgYellow, "progressing": text.FgYellow, "withdrawing": text.FgYellow, "cordoned": text.FgYellow,
	"draining": text.FgYellow, "suspected": text.FgYellow, "unknown": text.FgYellow, "differs": text.FgYellow, "warn": text.FgYellow,
	"held": text.FgRed, "refused": text.FgRed, "left": text.FgRed, "lost": text.FgRed, "failed": text.FgRed, "✗": text.FgRed,
}

// Paint colours a word that has a meaning, if colour is wanted.
func (p Printer) Paint(word string) string {
	if c, ok := colours[word]; ok && p.Colour {
		return c.EscapeSeq() + word + text.Reset.EscapeSeq()
	}
	return word
}

// WantsColour says whether f is a terminal and its owner did not object.
func WantsColour(f *os.File, getenv func(string) string) bool {
	if getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	return IsTerminal(f)
}

// IsTerminal says whether a person may be looking.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
