// Command soak runs a whole federation at a steady load for as long as it is told, an hour unless
// told otherwise, and says whether it stays as large as it is: `make soak`.
//
// A broker, two instances of placement and the agents of simulated clusters run as
// processes of their own. A population of workloads that stays as large is renewed all
// the time, each with a new name and a new wish, so that whatever is kept of one that is
// gone shows. The streams are small: they reach their limits within minutes, and leaders
// outlive their own records. Two readers are slow on purpose.
//
// Of every process memory, goroutines and open files are sampled, of every stream its
// size. The first part of the run is for warming up; over the rest each quantity is
// judged by flat.go, which says how. A quantity that grows, a stream above its limit, a
// dead letter, or a workload that is not placed at the end is exit code 1.
//
// It must never be part of CI, which has no hour. Begin reading at main.go.
package main
