package daemon_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"fairlead.dev/pkg/daemon"
)

// settings is a flag set with one flag of each kind.
type settings struct {
	fs      *pflag.FlagSet
	level   string
	count   int64
	fast    bool
	period  time.Duration
	regions []string
}

func newSettings() *settings {
	s := &settings{fs: pflag.NewFlagSet("test", pflag.ContinueOnError)}
	s.fs.StringVar(&s.level, "log-level", "default", "")
	s.fs.Int64Var(&s.count, "count", 1, "")
	s.fs.BoolVar(&s.fast, "fast", false, "")
	s.fs.DurationVar(&s.period, "report-period", time.Second, "")
	s.fs.StringSliceVar(&s.regions, "regions", nil, "")
	return s
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadTakesTheFirstPlaceThatSaysSomething(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		env  []string
		file string
		want string
	}{
		{"default", nil, nil, "count: 2", "default"},
		{"file", nil, nil, "log-level: file", "file"},
		{"file, nested", nil, nil, "log: {level: file}", "file"},
		{"environment before file", nil, []string{"FAIRLEAD_LOG_LEVEL=env"}, "log-level: file", "env"},
		{"an empty variable says empty", nil, []string{"FAIRLEAD_LOG_LEVEL="}, "log-level: file", ""},
		{"flag before environment", []string{"--log-level=flag"}, []string{"FAIRLEAD_LOG_LEVEL=env"}, "log-level: file", "flag"},
		{"variables of others are left alone", nil, []string{"LOG_LEVEL=env", "FAIRLEAD_OTHER=x"}, "", "default"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSettings()
			if err := s.fs.Parse(tc.args); err != nil {
				t.Fatal(err)
			}
			if err := daemon.Load(s.fs, file(t, tc.file), tc.env); err != nil {
				t.Fatal(err)
			}
			if s.level != tc.want {
				t.Errorf("log-level = %q, want %q", s.level, tc.want)
			}
		})
	}
}

func TestLoadReadsEveryKind(t *testing.T) {
	s := newSettings()
	text := "count: 9007199254740993\nfast: true\nreport: {period: 1m30s}\nregions: [\"a,b\", c]\n"
	if err := daemon.Load(s.fs, file(t, text), nil); err != nil {
		t.Fatal(err)
	}
	if s.count != 9007199254740993 { // 2^53+1: a float would lose it
		t.Errorf("count = %d", s.count)
	}
	if !s.fast || s.period != 90*time.Second {
		t.Errorf("fast, period = %v, %v", s.fast, s.period)
	}
	if want := []string{"a,b", "c"}; !slices.Equal(s.regions, want) {
		t.Errorf("regions = %q, want %q", s.regions, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, file, env, want string
	}{
		{"a key that is no flag", "log: {levle: info}", "", `no setting is called "log-levle"`},
		{"a value of the wrong kind", "count: many", "", "count"},
		{"a list for one value", "count: [1, 2]", "", "takes one value, not 2"},
		{"a list of mappings", "regions: [{a: b}]", "", "or a list of them"},
		{"a list of lists", "regions: [[a]]", "", "or a list of them"},
		{"nothing", "count:", "", "or a list of them"},
		{"the same key twice", "count: 1\ncount: 2", "", "already"},
		{"the same setting nested and flat", "log-level: a\nlog: {level: b}", "", "set twice"},
		{"a broken variable", "", "FAIRLEAD_COUNT=many", "FAIRLEAD_COUNT"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSettings()
			err := daemon.Load(s.fs, file(t, tc.file), []string{tc.env})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestLoadNamesAMissingFile(t *testing.T) {
	err := daemon.Load(newSettings().fs, filepath.Join(t.TempDir(), "absent.yaml"), nil)
	if err == nil || !strings.Contains(err.Error(), "absent.yaml") {
		t.Errorf("error = %v", err)
	}
}

func TestParseSettlesEverything(t *testing.T) {
	path := file(t, "count: 3\nlog: {level: file}\n")
	for name, tc := range map[string]struct{ args, env []string }{
		"flag":     {[]string{"--config", path, "--fast"}, nil},
		"variable": {[]string{"--fast"}, []string{"FAIRLEAD_CONFIG=" + path}},
	} {
		s := newSettings()
		if err := daemon.Parse(s.fs, tc.args, tc.env); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s.count != 3 || s.level != "file" || !s.fast {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, args := range [][]string{{"--nothing"}, {"stray"}, {"--config", "absent.yaml"}, {"--count=many"}} {
		s := newSettings()
		s.fs.SetOutput(io.Discard)
		if err := daemon.Parse(s.fs, args, nil); daemon.ExitCode(err) != daemon.ExitUsage {
			t.Errorf("%q: %v gives %d", args, err, daemon.ExitCode(err))
		}
	}
}

func TestHelpEndsWell(t *testing.T) {
	code := daemon.Main(func(context.Context) error {
		s := newSettings()
		s.fs.SetOutput(io.Discard)
		return daemon.Parse(s.fs, []string{"--help"}, nil)
	})
	if code != daemon.ExitOK {
		t.Errorf("code = %d", code)
	}
}
