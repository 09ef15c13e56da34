package condition_test

import (
	"fmt"

	"fairlead.dev/pkg/condition"
)

// An expression is compiled once and asked about many clusters; what cannot be answered
// is a reason, not a match.
func Example() {
	program, err := condition.Compile(`cluster.labels["tier"] == "prod" && semver.compare(cluster.version, "1.30") >= 0`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cluster := range []condition.Facts{
		{Name: "eu-1", Version: "v1.33.2", Labels: map[string]string{"tier": "prod"}},
		{Name: "eu-2", Version: "v1.29.9", Labels: map[string]string{"tier": "prod"}},
		{Name: "lab", Version: "v1.33.2"},
	} {
		met, err := program.Met(&cluster)
		fmt.Println(cluster.Name, met, err)
	}
	_, err = condition.Compile(`double(cluster.name) > double("1")`)
	fmt.Println(err)
	// Output:
	// eu-1 true <nil>
	// eu-2 false <nil>
	// lab false no such key: tier
	// compile the expression: column 7: numbers are whole: there are no floats
}
