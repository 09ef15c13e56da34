// Package planfile keeps plans between `fairlead plan` and `fairlead submit --plan`: in
// the state folder of the person who planned, or in a file of their choice. Nothing is
// kept on a server; whether a plan still holds is for placement to say when it is
// submitted.
//
// The id of a plan is drawn from its content, so that a file which was changed is no
// plan any more. The package never decides whether a plan is any good. Begin with Plan.
package planfile
