// Package simulate decides offline: CloudEvents in, one JSON object a line, and the
// records that placement would append out. The same input gives the same bytes,
// on every machine and every day.
//
// Time is the time attribute of the events, advanced in ticks of one period; nothing
// reads a clock, a server or an environment. Records of placement in the input are
// passed over, since the point is to decide anew.
//
// Begin with Run, then read.go (lines to events) and engine.go (events to records).
package simulate
