// Command quality measures how well Fairlead places, beside the peers and the bounds,
// in one program on one input, and says of goals 1 to 5 of the design whether they
// are met:
//
//	goal 3: met  (…)
//
// The traces are read where they lie (-traces DIR: folders openb and azure) and never
// copied; without them the program says so, loudly, and leaves them out. Fairlead's
// figures come from the real core, fed with the events of agents; the peers are
// written here (package sim).
//
// Every section is a function in main.go's list; begin there. A section prints its
// tables and gives [verdict.Goal]s, printed together at the end.
package main
