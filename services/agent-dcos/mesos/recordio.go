package mesos

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// mostRecord is the largest record that is believed: a whole cluster's state comes as one.
const mostRecord = 256 << 20

// readRecord reads one record: its length in decimal digits, a newline, and that many bytes.
func readRecord(r *bufio.Reader) ([]byte, error) {
	digits, err := r.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	length, err := strconv.ParseInt(strings.TrimSpace(string(digits)), 10, 64)
	if err != nil || length < 0 || length > mostRecord {
		return nil, fmt.Errorf("%.20q is no length of a record", digits)
	}
	record, err := io.ReadAll(io.LimitReader(r, length)) // grows with what comes: a length alone reserves nothing
	if err == nil && int64(len(record)) < length {
		err = io.ErrUnexpectedEOF
	}
	return record, err
}
