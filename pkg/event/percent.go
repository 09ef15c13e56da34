package event

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// plain says that a byte stands for itself in a header value: printable ASCII but
// for space, the double quote and the percent sign.
func plain(c byte) bool { return c > 0x20 && c < 0x7F && c != '"' && c != '%' }

const hexDigits = "0123456789ABCDEF"

// percentEncode makes an attribute's value fit for a header.
func percentEncode(s string) string {
	first := strings.IndexFunc(s, func(r rune) bool { return r > 0x7E || !plain(byte(r)) })
	if first < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:first])
	for i := first; i < len(s); i++ {
		if plain(s[i]) {
			b.WriteByte(s[i])
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[s[i]>>4])
		b.WriteByte(hexDigits[s[i]&15])
	}
	return b.String()
}

var errPercent = errors.New("broken percent-encoding")

// percentDecode is the inverse. It leaves alone what a lax writer did not encode,
// but never guesses what a broken escape means.
func percentDecode(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errPercent
		}
		high, low := hexValue(s[i+1]), hexValue(s[i+2])
		if high < 0 || low < 0 {
			return "", errPercent
		}
		b.WriteByte(byte(high<<4 | low))
		i += 2
	}
	if !utf8.ValidString(b.String()) {
		return "", errPercent
	}
	return b.String(), nil
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
