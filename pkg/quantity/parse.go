package quantity

import (
	"fmt"
	"math/big"
	"strings"
)

// largest is the largest integer that JSON readers in every language keep exact.
const largest = 1<<53 - 1

// suffixes gives the factor of each suffix of bytes. Decimal and binary ones are
// both written in the wild, each also with a B; a bare number is bytes. A lower-case
// m is refused: elsewhere it means thousandths.
var suffixes = map[string]int64{
	"": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
	"ki": 1 << 10, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
}

// What an error gives as examples.
const (
	counts   = "4, 0.5 or 500m"
	memories = "16GiB, 512Mi, 2G or 1024"
	moneys   = "1.25, 0.000004 or 12"
)

// Milli reads a count such as "2", "0.5" or "500m" into thousandths.
func Milli(s string) (int64, error) {
	number, ok := strings.CutSuffix(strings.TrimSpace(s), "m")
	if ok {
		return exact(s, number, 1, counts)
	}
	return exact(s, number, 1000, counts)
}

// Bytes reads an amount of memory such as "4GiB", "512Mi", "1.5G" or "1024"
// into bytes.
func Bytes(s string) (int64, error) {
	trimmed := strings.TrimSpace(s)
	number := strings.TrimRight(trimmed, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	suffix := strings.TrimSuffix(strings.TrimSpace(trimmed[len(number):]), "B")
	factor, ok := suffixes[suffix]
	if !ok {
		return 0, fmt.Errorf("%q: unknown suffix %q (try KiB, MiB, GiB, TiB, kB, MB, GB or TB)", s, trimmed[len(number):])
	}
	return exact(s, number, factor, memories)
}

// Micro reads an amount of money such as "1.25" into millionths of the currency.
func Micro(s string) (int64, error) {
	return exact(s, strings.TrimSpace(s), 1_000_000, moneys)
}

// exact multiplies a decimal number without a float and refuses a remainder.
func exact(whole, number string, factor int64, examples string) (int64, error) {
	r, ok := new(big.Rat), decimal(number)
	if ok {
		r, ok = r.SetString(number)
	}
	if !ok {
		return 0, fmt.Errorf("%q is not an amount (try %s)", whole, examples)
	}
	r.Mul(r, new(big.Rat).SetInt64(factor))
	switch {
	case r.Sign() < 0:
		return 0, fmt.Errorf("%q is negative", whole)
	case !r.IsInt():
		return 0, fmt.Errorf("%q is finer than the smallest unit", whole)
	case r.Num().Cmp(big.NewInt(largest)) > 0:
		return 0, fmt.Errorf("%q is too large", whole)
	}
	return r.Num().Int64(), nil
}

// decimal admits plain decimals only: big.Rat also reads fractions and exponents
// whose size is not bounded by that of the text.
func decimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || len(s) > 32 || strings.Count(s, ".") > 1 {
		return false
	}
	return strings.Trim(s, "0123456789.") == "" && strings.Trim(s, ".") != ""
}
