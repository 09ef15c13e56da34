package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"
)

// Parse declares --config on fs, reads the command line and settles the rest with Load:
// all of a process's settings in one call. Its errors are UsageErrors, --help among them,
// for which Main ends well.
func Parse(fs *pflag.FlagSet, args, environ []string) error {
	path := fs.String("config", "", "`file` of settings in YAML")
	if err := fs.Parse(args); err != nil {
		return UsageError{err}
	}
	if fs.NArg() > 0 {
		return UsageError{fmt.Errorf("%q is no flag, and nothing else is expected", fs.Arg(0))}
	}
	if !fs.Changed("config") {
		*path = variables(environ)[variable("config")]
	}
	if err := Load(fs, *path, environ); err != nil {
		return UsageError{err}
	}
	return nil
}

// Load settles the flags of fs that the command line left alone: first from the
// environment, FAIRLEAD_ and the flag's name in capitals (--log-level is
// FAIRLEAD_LOG_LEVEL), then from a YAML file, else the default stays. The flags are
// the schema: a key of the file that is no flag is an error, as is a value that the
// flag would refuse.
//
// In the file, nesting stands for the hyphen: {log: {level: debug}} and
// {log-level: debug} say the same. environ is NAME=value as of os.Environ; path may
// be "" for no file.
func Load(fs *pflag.FlagSet, path string, environ []string) error {
	file, err := readFile(path)
	if err != nil {
		return err
	}
	var failed []error
	for _, key := range slices.Sorted(maps.Keys(file)) {
		if fs.Lookup(key) == nil {
			failed = append(failed, fmt.Errorf("%s: no setting is called %q", path, key))
		}
	}
	env := variables(environ)
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			return
		}
		if value, ok := env[variable(f.Name)]; ok {
			failed = append(failed, wrap(variable(f.Name), fs.Set(f.Name, value)))
		} else if values, ok := file[f.Name]; ok {
			failed = append(failed, wrap(path+": "+f.Name, set(fs, f, values)))
		}
	})
	return errors.Join(failed...)
}

func wrap(place string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", place, err)
}

// variable is the environment's name for a flag.
func variable(flag string) string {
	return "FAIRLEAD_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func variables(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	return env
}

// set gives a flag the values of the file. A list is replaced as a whole, so that an
// element with a comma stays one.
func set(fs *pflag.FlagSet, f *pflag.Flag, values []string) error {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		f.Changed = true
		return list.Replace(values)
	}
	if len(values) != 1 {
		return fmt.Errorf("takes one value, not %d", len(values))
	}
	return fs.Set(f.Name, values[0])
}

// readFile reads a YAML mapping as flag names and values.
func readFile(path string) (map[string][]string, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	var tree map[string]any
	exact := func(d *json.Decoder) *json.Decoder { d.UseNumber(); return d } // no number passes through a float
	if err := yaml.UnmarshalStrict(text, &tree, exact); err != nil {
		return nil, fmt.Errorf("read settings %s: %w", path, err)
	}
	flat := map[string][]string{}
	if err := flatten(flat, "", tree); err != nil {
		return nil, fmt.Errorf("read settings %s: %w", path, err)
	}
	return flat, nil
}

func flatten(into map[string][]string, prefix string, tree map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		name := strings.TrimPrefix(prefix+"-"+key, "-")
		if child, ok := tree[key].(map[string]any); ok {
			if err := flatten(into, name, child); err != nil {
				return err
			}
			continue
		}
		values, err := scalars(tree[key])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, twice := into[name]; twice {
			return fmt.Errorf("%s is set twice, nested and flat", name)
		}
		into[name] = values
	}
	return nil
}

// scalars gives a value, or the elements of a list, as the texts a flag reads.
func scalars(v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	all := []string{}
	for _, item := range list {
		switch item.(type) {
		case string, bool, json.Number:
			all = append(all, fmt.Sprint(item))
		default:
			return nil, fmt.Errorf("want text, a number, a boolean or a list of them, not %v", item)
		}
	}
	return all, nil
}
