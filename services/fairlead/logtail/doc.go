// Package logtail follows the streams of the log for a person: several streams
// merged by the time they were stored, filtered by type, cluster and tenant, with
// every gap told.
//
// It reads the log itself and asks no service, so it works while everything else is
// down. It never acknowledges, creates nothing durable and drops nothing in silence.
//
// Begin with Run, then filter.go (what is wanted), follow.go (one stream) and
// merge.go (their order).
package logtail
