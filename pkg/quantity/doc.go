// Package quantity reads and writes the amounts that people type. Inside the product
// every amount is an integer; this package is the only place where a decimal point
// exists, and it refuses what it cannot convert exactly: nothing is rounded on the way
// in, and room is never shown larger than it is on the way out.
//
// The formats:
//
//	count   2, 0.5, 1.25 or 500m         into thousandths (cores, devices): Milli, back by Cores
//	memory  1024, 512KiB, 1.5GiB, 2G     into bytes: Bytes, back by Memory
//	money   12, 1.25, 0.000004           into millionths of a currency: Micro, back by Money
//
// A count has at most three decimals, or the suffix m for thousandths, as in Kubernetes.
// Memory takes binary suffixes (Ki, Mi, Gi, Ti) and decimal ones (k, K, M, G, T), each
// also with a B, after at most one number and any space; a bare number is bytes. A
// lower-case m is refused there: elsewhere it means thousandths. Neither takes a sign, an
// exponent or a fraction, and neither goes beyond 2^53-1, the largest integer that JSON
// readers in every language keep exact.
//
// The package never decides what an amount means, nor what is enough of it. Begin reading
// at Milli.
package quantity
