// Package output is the one way in which the command line prints: tables for
// people, JSON and YAML for programs, one JSON value per line for streams.
//
// It never prompts, pages or animates, colours only a terminal whose owner did not
// set NO_COLOR, and lets no control character of foreign text reach a terminal.
// Begin with Printer.
package output
