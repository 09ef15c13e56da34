package placement_test

import (
	"fmt"

	"fairlead.dev/services/placement"
)

// A configuration needs nothing but its defaults; what is wrong is said all at once.
func ExampleConfig_Validate() {
	cfg := placement.Config{Instance: "Not A Label", InFlight: 99}.Defaults()
	fmt.Println(cfg.Validate())
	// Output:
	// instance: name "Not A Label" is not a DNS label (lower-case letters, digits and inner hyphens, at most 63)
	// in flight 99: want 1 to 16
}
