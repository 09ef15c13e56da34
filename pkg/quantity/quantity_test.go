package quantity_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"fairlead.dev/pkg/quantity"
	"pgregory.net/rapid"
)

func TestMilli(t *testing.T) {
	for in, want := range map[string]int64{"2": 2000, "0.5": 500, "500m": 500, "1.25": 1250, "0": 0, " 3 ": 3000} {
		if got, err := quantity.Milli(in); err != nil || got != want {
			t.Errorf("Milli(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for in, want := range map[string]int64{
		"1024": 1024, "4GiB": 4 << 30, "4Gi": 4 << 30, "512 MiB": 512 << 20, "1.5G": 1500000000, "1kB": 1000, "0.5Ki": 512,
	} {
		if got, err := quantity.Bytes(in); err != nil || got != want {
			t.Errorf("Bytes(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, in := range []string{"", "abc", "1/3", "1e9", "0.0001", "-1", "1.2.3", ".", "99999999999999999"} {
		if got, err := quantity.Milli(in); err == nil {
			t.Errorf("Milli(%q) = %d; want an error", in, got)
		}
	}
	for _, in := range []string{"", "GiB", "4 furlongs", "512m", "-4GiB", "0.1", "9999999TiB"} {
		if got, err := quantity.Bytes(in); err == nil {
			t.Errorf("Bytes(%q) = %d; want an error", in, got)
		}
	}
}

// Money has six decimals and no more, and comes back as it was written.
func TestMoney(t *testing.T) {
	for in, want := range map[string]int64{"1.25": 1_250_000, "0.000004": 4, "12": 12_000_000, "9007199254.740991": 1<<53 - 1} {
		if got, err := quantity.Micro(in); err != nil || got != want || quantity.Money(got) != in {
			t.Errorf("Micro(%q) = %d, %v, written %q; want %d", in, got, err, quantity.Money(got), want)
		}
	}
	for _, in := range []string{"", "1,25", "$1", "-1", "0.0000001", "1e3", "NaN", "inf", "9007199254.740992", "99999999999999999999"} {
		if got, err := quantity.Micro(in); err == nil {
			t.Errorf("Micro(%q) = %d; want an error", in, got)
		}
	}
	if got := quantity.Money(-90_000); got != "-0.09" {
		t.Errorf("a difference is written %s", got)
	}
}

// What is written is read back as it was, or, for memory, rounded down by less
// than a tenth of its unit.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		milli := rapid.Int64Range(0, 1<<43).Draw(t, "milli")
		if got, err := quantity.Milli(quantity.Cores(milli)); err != nil || got != milli {
			t.Fatalf("Cores(%d) = %s, read back as %d, %v", milli, quantity.Cores(milli), got, err)
		}
	})
}

func TestMemory(t *testing.T) {
	for in, want := range map[int64]string{
		0: "0B", 1023: "1023B", 1024: "1KiB", 4 << 30: "4GiB", 1<<30 + 1<<29: "1.5GiB", 2<<40 - 1: "1.9TiB", -(1 << 20): "-1MiB",
	} {
		if got := quantity.Memory(in); got != want {
			t.Errorf("Memory(%d) = %s; want %s", in, got, want)
		}
	}
}

// Whatever is typed is refused or means one integer, which reads the same when it is
// written in the smallest unit.
func FuzzAmounts(f *testing.F) {
	for _, seed := range []string{"2", "0.5", "500m", "4GiB", "1.5 G", "-1", "1e9", "1/3", ".", "0x10", "1_000", "٣", "9007199254740991", "9007199254740992"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if milli, err := quantity.Milli(in); err == nil {
			again, err := quantity.Milli(strconv.FormatInt(milli, 10) + "m")
			if err != nil || again != milli || milli < 0 || milli > 1<<53-1 {
				t.Errorf("Milli(%q) = %d, again %d, %v", in, milli, again, err)
			}
		}
		if bytes, err := quantity.Bytes(in); err == nil {
			again, err := quantity.Bytes(strconv.FormatInt(bytes, 10))
			if err != nil || again != bytes || bytes < 0 || bytes > 1<<53-1 {
				t.Errorf("Bytes(%q) = %d, again %d, %v", in, bytes, again, err)
			}
		}
	})
}

// An error shows what could have been meant.
func TestErrorsHaveExamples(t *testing.T) {
	for in, parse := range map[string]func(string) (int64, error){"lots": quantity.Milli, "1Go": quantity.Bytes, "much": quantity.Bytes} {
		if _, err := parse(in); err == nil || !strings.Contains(err.Error(), "try") || !strings.Contains(err.Error(), in) {
			t.Errorf("%q: error %v", in, err)
		}
	}
}

func Example() {
	cpu, _ := quantity.Milli("0.5")
	memory, _ := quantity.Bytes("1.5GiB")
	fmt.Println(cpu, memory)
	fmt.Println(quantity.Cores(cpu), quantity.Memory(memory))
	_, err := quantity.Milli("0.0001")
	fmt.Println(err)
	// Output:
	// 500 1610612736
	// 0.5 1.5GiB
	// "0.0001" is finer than the smallest unit
}
