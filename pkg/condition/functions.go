package condition

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/Masterminds/semver/v3"

	"fairlead.dev/pkg/quantity"
)

// longestText is the longest text that our own functions read, so that a call is one
// step of the cost limit and honestly so. No version or amount comes near.
const longestText = 256

// functions declares what CEL does not bring.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function("semver.compare",
			cel.Overload("semver_compare_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.IntType,
				cel.BinaryBinding(compareVersions))),
		amount("quantity.milli", "quantity_milli_string", quantity.Milli),
		amount("quantity.bytes", "quantity_bytes_string", quantity.Bytes),
	}
}

// amount declares a function that reads an amount.
func amount(name, overload string, read func(string) (int64, error)) cel.EnvOption {
	return cel.Function(name,
		cel.Overload(overload, []*cel.Type{cel.StringType}, cel.IntType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			text := string(v.(types.String))
			if len(text) > longestText {
				return types.NewErr("an amount has at most %d bytes", longestText)
			}
			n, err := read(text)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Int(n)
		})))
}

func compareVersions(a, b ref.Val) ref.Val {
	left, err := version(a)
	if err != nil {
		return types.WrapErr(err)
	}
	right, err := version(b)
	if err != nil {
		return types.WrapErr(err)
	}
	return types.Int(left.Compare(right))
}

// version reads a version as people and orchestrators write it: with or without a v, and
// with parts left out.
func version(v ref.Val) (*semver.Version, error) {
	text := string(v.(types.String))
	if len(text) > longestText {
		return nil, fmt.Errorf("a version has at most %d bytes", longestText)
	}
	parsed, err := semver.NewVersion(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a version", text)
	}
	return parsed, nil
}
