package scheduler

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"fairlead.dev/pkg/event"
)

// Words for people. They stand in records, so they are part of the bytes that a
// replay must reproduce: change them only together with Engine.

func list(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

func oneOf(have string, want []string) string {
	if have == "" {
		have = "unknown"
	}
	if len(want) == 0 {
		return have + ", any allowed"
	}
	return fmt.Sprintf("%s, wanted %s", have, strings.Join(want, " or "))
}

func requirementWords(r event.Requirement) string {
	switch r.Operator {
	case event.OperatorExists:
		return r.Key
	case event.OperatorDoesNotExist:
		return "no " + r.Key
	case event.OperatorGt:
		return r.Key + ">" + strings.Join(r.Values, ",")
	case event.OperatorLt:
		return r.Key + "<" + strings.Join(r.Values, ",")
	case event.OperatorIn:
		if len(r.Values) == 1 {
			return r.Key + "=" + r.Values[0]
		}
	}
	return fmt.Sprintf("%s %s (%s)", r.Key, r.Operator, strings.Join(r.Values, ", "))
}

func hasWords(key string, rep *event.ClusterCapacityReported) string {
	value, ok := fact(key, rep)
	if !ok {
		value, ok = rep.Labels[key]
	}
	if !ok || value == "" {
		return "has none"
	}
	return "has " + value
}

func seconds(ms int64) string { return fmt.Sprintf("%d.%03ds", ms/1000, ms%1000) }

// amount writes a quantity in the unit of its resource.
func amount(resource string, v int64) string {
	switch resource {
	case "cpu", "gpu":
		if v%1000 == 0 {
			return fmt.Sprintf("%d", v/1000)
		}
		return fmt.Sprintf("%d.%03d", v/1000, v%1000)
	case "memory":
		return bytesWords(v)
	}
	return fmt.Sprintf("%d", v)
}

func bytesWords(v int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	u, rest := 0, int64(0)
	for v >= 1024 && u < len(units)-1 {
		v, rest, u = v/1024, v%1024*10/1024, u+1
	}
	if rest == 0 {
		return fmt.Sprintf("%d%s", v, units[u])
	}
	return fmt.Sprintf("%d.%d%s", v, rest, units[u])
}

// clip cuts a text to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := n - len("…")
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// money writes micro-units as units, to the last digit that counts.
func money(micro int64) string {
	text := fmt.Sprintf("%d.%06d", micro/million, micro%million)
	for strings.HasSuffix(text, "0") && text[len(text)-4] != '.' && text[len(text)-3] != '.' {
		text = text[:len(text)-1]
	}
	return text
}
