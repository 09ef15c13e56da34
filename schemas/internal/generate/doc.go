// Command generate writes everything that follows from the schemas: the Go types
// and the registry of package event, and the AsyncAPI document.
//
// It is a module of its own, outside go.work, so that the generator's
// dependencies burden nobody who only wants the schemas or the types. It never
// reads anything but the schemas folder and its output is a function of that
// folder alone: the same schemas give the same bytes.
//
// Begin reading at run in main.go.
package main
