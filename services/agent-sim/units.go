package agentsim

import (
	"fmt"
	"math/big"
	"regexp"
	"time"
)

// Milli is an amount in thousandths: 4, 0.5 and 500m in YAML.
type Milli int64

// Bytes is an amount of memory: 16Gi, 512MiB or 1024 in YAML.
type Bytes int64

// Duration is a time such as 500ms or 2m in YAML.
type Duration time.Duration

// largest is the largest integer that the contract carries.
const largest = 1<<53 - 1

var amount = regexp.MustCompile(`^([0-9]{1,16}(?:\.[0-9]{1,9})?) ?([a-zA-Z]*)$`)

var milliUnits = map[string]int64{"": 1000, "m": 1}

var byteUnits = map[string]int64{
	"": 1, "B": 1, "k": 1e3, "K": 1e3, "kB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9, "T": 1e12, "TB": 1e12,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

// UnmarshalText reads a count such as 4, 0.5 or 500m.
func (m *Milli) UnmarshalText(text []byte) error {
	n, err := parse(string(text), milliUnits, "4, 0.5 or 500m")
	*m = Milli(n)
	return err
}

// UnmarshalText reads an amount of memory such as 16Gi.
func (b *Bytes) UnmarshalText(text []byte) error {
	n, err := parse(string(text), byteUnits, "16Gi, 512MiB or 1024")
	*b = Bytes(n)
	return err
}

// UnmarshalText reads a time such as 500ms.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a time: try 500ms, 2s or 1m30s", text)
	}
	*d = Duration(v)
	return nil
}

// parse reads a decimal number with a unit, exactly.
func parse(text string, units map[string]int64, example string) (int64, error) {
	parts := amount.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is not an amount: try %s", text, example)
	}
	factor, known := units[parts[2]]
	if !known {
		return 0, fmt.Errorf("%q: unknown unit %q: try %s", text, parts[2], example)
	}
	value, ok := new(big.Rat).SetString(parts[1])
	if !ok {
		return 0, fmt.Errorf("%q is not an amount: try %s", text, example)
	}
	value.Mul(value, new(big.Rat).SetInt64(factor))
	if !value.IsInt() || value.Num().Cmp(big.NewInt(largest)) > 0 {
		return 0, fmt.Errorf("%q is too fine or too large", text)
	}
	return value.Num().Int64(), nil
}
