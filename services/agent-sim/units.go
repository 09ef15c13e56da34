package agentsim

import (
	"fmt"
	"time"

	"fairlead.dev/pkg/quantity"
)

// Milli is an amount in thousandths: 4, 0.5 and 500m in YAML.
type Milli int64

// Bytes is an amount of memory: 16Gi, 512MiB or 1024 in YAML.
type Bytes int64

// Duration is a time such as 500ms or 2m in YAML.
type Duration time.Duration

// UnmarshalText reads a count such as 4, 0.5 or 500m.
func (m *Milli) UnmarshalText(text []byte) error {
	n, err := quantity.Milli(string(text))
	*m = Milli(n)
	return err
}

// UnmarshalText reads an amount of memory such as 16Gi.
func (b *Bytes) UnmarshalText(text []byte) error {
	n, err := quantity.Bytes(string(text))
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
