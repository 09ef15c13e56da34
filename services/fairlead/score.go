package fairlead

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newScore(s *Session) *cobra.Command {
	return parent("score", "Give clusters scores from outside, which preferences name as external/NAME.", newScoreSet(s), newScoreList(s))
}

func newScoreSet(s *Session) *cobra.Command {
	var lasts time.Duration
	var score *event.ScoreSet
	o := &act{Session: s}
	o.read = func(args []string) (err error) {
		value, err := strconv.Atoi(args[2])
		if err != nil {
			return fmt.Errorf("value %q: want a whole number from -100 to 100", args[2])
		}
		if lasts < 0 {
			return fmt.Errorf("--for %s: time does not run back", lasts)
		}
		score = &event.ScoreSet{Cluster: event.ClusterID(args[0]), Name: args[1], Value: value}
		if lasts > 0 {
			score.ValidUntil = time.Now().Add(lasts).UnixMilli()
		}
		return score.Validate()
	}
	o.do = func(ctx context.Context, f *fleet) error {
		if err := o.clusterExists(ctx, f, score.Cluster); err != nil {
			return err
		}
		return o.say(ctx, f, score)
	}
	return command(spec{
		use:    "set CLUSTER NAME VALUE",
		about:  "Give a cluster a score from -100 to 100; higher is better. It replaces the one of that name.",
		detail: "A value below zero follows `--`.",
		examples: [3]string{
			"fairlead score set eu-1 carbon 70",
			"fairlead score set eu-1 carbon 70 --for 15m",
			"fairlead score set --for 1h -- eu-2 incident -50",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead score ls", "fairlead policy set", "fairlead explain -o wide"},
		server: true,
		args:   cobra.ExactArgs(3),
	}, o, flags("Flags", func(f *pflag.FlagSet) {
		f.DurationVar(&lasts, "for", 0, "`DURATION` after which it counts as 0")
	}))
}

func newScoreList(s *Session) *cobra.Command {
	o := &act{Session: s}
	o.do = func(ctx context.Context, f *fleet) error {
		ctx, cancel := o.bounded(ctx)
		defer cancel()
		all, _, err := f.ask.Scores(ctx)
		if err != nil {
			return answered(err, "scores")
		}
		return rows(o, all, scoreRows(all, time.Now()), "no scores; set one with `fairlead score set CLUSTER NAME VALUE`")
	}
	return command(spec{
		use:   "ls",
		about: "List the scores set from outside, by cluster and name.",
		examples: [3]string{
			"fairlead score ls",
			"fairlead score ls -o yaml",
			"fairlead score ls -o json | jq '.[] | select(.name == \"carbon\")'",
		},
		exits:  connected,
		see:    []string{"fairlead score set", "fairlead policy show"},
		server: true,
	}, o)
}

func scoreRows(all []event.ScoreSet, now time.Time) output.Rows {
	t := output.Rows{Columns: []output.Column{{Name: "cluster"}, {Name: "name"}, {Name: "value", Right: true}, {Name: "until"}}}
	for _, d := range all {
		until := "for ever"
		if d.ValidUntil > 0 {
			at := time.UnixMilli(d.ValidUntil).UTC()
			until = at.Format(time.RFC3339)
			if !at.After(now) {
				until += " (over)"
			}
		}
		t.Add(string(d.Cluster), d.Name, strconv.Itoa(d.Value), until)
	}
	return t
}
