package event

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// MaxInteger is the largest amount, position or number in an event: every JSON
// reader represents it exactly.
const MaxInteger = 1<<53 - 1

// Limits that several types share; the schemas state the same.
const (
	maxReplicas = 1_000_000
	maxNodes    = 10_000_000
	maxWord     = 63   // orchestrators, check names, versions of the engine
	maxName     = 253  // names given by orchestrators and clouds
	maxMessage  = 1024 // words for people
	maxLabels   = 256
	maxLabel    = 4096
	maxExtended = 64
)

// The checks below return nil or an error that begins with the member's name.

func checkID[T ~string](member string, name T) error {
	if err := CheckName(string(name)); err != nil {
		return fmt.Errorf("%s: %w", member, err)
	}
	return nil
}

// amount is a quantity, a time or another integer that cannot be negative.
func amount(member string, v int64) error {
	if v < 0 || v > MaxInteger {
		return fmt.Errorf("%s: %d is not between 0 and 2^53-1", member, v)
	}
	return nil
}

// signed is an integer that may be negative.
func signed(member string, v int64) error {
	if v < -MaxInteger || v > MaxInteger {
		return fmt.Errorf("%s: %d is beyond 2^53-1", member, v)
	}
	return nil
}

// position is a sequence, 0 for the beginning.
func position(member string, v uint64) error {
	if v > MaxInteger {
		return fmt.Errorf("%s: %d is above 2^53-1", member, v)
	}
	return nil
}

// ordinal is a number that counts from 1.
func ordinal(member string, v uint64) error {
	if v == 0 || v > MaxInteger {
		return fmt.Errorf("%s: %d is not between 1 and 2^53-1", member, v)
	}
	return nil
}

// within is a small integer with bounds.
func within(member string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("%s: %d is not between %d and %d", member, v, low, high)
	}
	return nil
}

func replicas(member string, v int) error { return within(member, v, 0, maxReplicas) }

// text is a string of at most so many characters.
func text(member, s string, most int) error {
	if len(s) > most && utf8.RuneCountInString(s) > most {
		return fmt.Errorf("%s: longer than %d characters", member, most)
	}
	return nil
}

// word is a text that must be there.
func word(member, s string, most int) error {
	if s == "" {
		return fmt.Errorf("%s: missing", member)
	}
	return text(member, s, most)
}

func texts(member string, list []string, length, most int) error {
	if err := atMost(member, len(list), most); err != nil {
		return err
	}
	for i, s := range list {
		if err := text(member, s, length); err != nil {
			return fmt.Errorf("%w (at %d)", err, i)
		}
	}
	return nil
}

func textMap(member string, m map[string]string, length, most int) error {
	if err := atMost(member, len(m), most); err != nil {
		return err
	}
	for key, value := range m {
		if err := text(member, value, length); err != nil {
			return fmt.Errorf("%w (at %q)", err, key)
		}
	}
	return nil
}

func labels(m map[string]string) error { return textMap("labels", m, maxLabel, maxLabels) }

func extended(m map[string]int64) error {
	if err := atMost("extended", len(m), maxExtended); err != nil {
		return err
	}
	for name, units := range m {
		if err := amount("extended", units); err != nil {
			return fmt.Errorf("%w (at %q)", err, name)
		}
	}
	return nil
}

func atMost(member string, n, most int) error {
	if n > most {
		return fmt.Errorf("%s: %d, at most %d are allowed", member, n, most)
	}
	return nil
}

// oneOf is an enumeration; an optional one lists "" as well.
func oneOf[T ~string](member string, v T, allowed ...T) error {
	if !slices.Contains(allowed, v) {
		return fmt.Errorf("%s: %q, want one of %q", member, v, slices.Clone(allowed)) // the list itself stays on the stack
	}
	return nil
}

// each checks the elements of a list and says which one is wrong.
func each[T any](member string, list []T, most int, check func(*T) error) error {
	if err := atMost(member, len(list), most); err != nil {
		return err
	}
	for i := range list {
		if err := check(&list[i]); err != nil {
			return fmt.Errorf("%s[%d].%w", member, i, err)
		}
	}
	return nil
}

// unique refuses two elements with the same key.
func unique[T any](member string, list []T, key func(*T) string) error {
	seen := make(map[string]struct{}, len(list))
	for i := range list {
		k := key(&list[i])
		if _, twice := seen[k]; twice {
			return fmt.Errorf("%s: %q is there twice", member, k)
		}
		seen[k] = struct{}{}
	}
	return nil
}
