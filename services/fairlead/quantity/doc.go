// Package quantity reads and writes the amounts that people type: "2", "500m",
// "4GiB", "0.5". Inside the product every amount is an integer (thousandths of a
// core or a device, bytes); this package is the only place where a decimal point
// exists, and it refuses what it cannot convert exactly. Begin with Milli.
package quantity
