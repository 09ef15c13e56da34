// Package authority issues who is who in a federation: the operator's and accounts' JWTs
// that a NATS server believes, the users' credentials with the rights of their role, and
// the grants that say whose events to believe.
//
// It is a folder of files on the machine of whoever administers the federation; no
// service needs it while it runs. Three seeds are in it: the operator's, which signs once
// and may be moved away; the authority's own, which signs accounts and grants; the users',
// which signs users. All files are of mode 0600 in folders of mode 0700. A seed is never
// printed, logged, put into an error, an event or an argument of a process.
//
// It must never make a name a pattern (package rights checks), and never take back a key
// that the register does not know.
//
// Begin reading at Init, then Issue, Revoke and Push.
package authority
