package quantity

import (
	"strconv"
	"strings"
)

// Cores writes thousandths as a count: 2, 0.5, 1.25.
func Cores(milli int64) string {
	sign := ""
	if milli < 0 {
		sign, milli = "-", -milli
	}
	s := strconv.FormatInt(milli/1000, 10)
	if rest := milli % 1000; rest != 0 {
		fraction := strconv.FormatInt(1000+rest, 10)[1:]
		s += "." + strings.TrimRight(fraction, "0")
	}
	return sign + s
}

var units = []struct {
	size int64
	name string
}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}}

// Memory writes bytes in the largest unit that keeps at least one before the
// point, rounded down to a tenth: room is never shown larger than it is.
func Memory(bytes int64) string {
	sign := ""
	if bytes < 0 {
		sign, bytes = "-", -bytes
	}
	for _, u := range units {
		if bytes >= u.size {
			return sign + tenths(bytes, u.size) + u.name
		}
	}
	return sign + strconv.FormatInt(bytes, 10) + "B"
}

func tenths(bytes, size int64) string {
	s := strconv.FormatInt(bytes/size, 10)
	if t := bytes % size * 10 / size; t != 0 {
		s += "." + strconv.FormatInt(t, 10)
	}
	return s
}

// Money writes millionths of a currency as people do: 1.25, 0.336, 12. All decimals
// that are there are shown; nothing is rounded.
func Money(micro int64) string {
	sign := ""
	if micro < 0 {
		sign, micro = "-", -micro
	}
	s := strconv.FormatInt(micro/1_000_000, 10)
	if rest := micro % 1_000_000; rest != 0 {
		fraction := strconv.FormatInt(1_000_000+rest, 10)[1:]
		s += "." + strings.TrimRight(fraction, "0")
	}
	return sign + s
}
