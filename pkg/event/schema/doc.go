// Package schema checks foreign input against the JSON Schemas: at the door, where
// what people and other programs send comes in, and nowhere else. It costs ten times
// what decoding does, so the log is read with event.Decode and its Validate alone.
//
// The package must never be imported by package event, nor used while reading the
// log. Begin reading at Check.
package schema
