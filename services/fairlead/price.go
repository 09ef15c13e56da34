package fairlead

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newPrice(s *Session) *cobra.Command {
	return parent("price", "Set what the room of clusters costs; prices rank clusters and cap what may be spent.", newPriceSet(s), newPriceList(s), newPriceRemove(s))
}

// priceFlags are prices as people write them.
type priceFlags struct {
	cpu, memory, gpu, currency string
	shapes                     []string
}

func newPriceSet(s *Session) *cobra.Command {
	var in priceFlags
	var price *event.PriceSet
	o := &act{Session: s}
	o.read = func(args []string) (err error) {
		price, err = in.prices(args[0])
		return err
	}
	o.do = func(ctx context.Context, f *fleet) error {
		if err := o.clusterExists(ctx, f, price.Cluster); err != nil {
			return err
		}
		return o.say(ctx, f, price)
	}
	return command(spec{
		use:    "set CLUSTER",
		about:  "Set the prices of a cluster per hour; they replace those before as a whole, and go before its agent's.",
		detail: "Amounts have up to six decimals. Prices are compared as numbers: use one currency in the whole federation.",
		examples: [3]string{
			"fairlead price set eu-1 --cpu 0.032 --memory 0.004 --currency USD",
			"fairlead price set eu-1 --cpu 0.032 --gpu 1.20 --currency EUR",
			"fairlead price set eu-1 --cpu 0.03 --memory 0.004 --shape a100:cpu=0.04,memory=0.005,gpu=2.4",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead price ls", "fairlead clusters show", "fairlead plan"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Prices", func(f *pflag.FlagSet) {
		f.StringVar(&in.cpu, "cpu", "", "of one core and hour, such as `0.032`")
		f.StringVar(&in.memory, "memory", "", "of one GiB and hour, such as `0.004`")
		f.StringVar(&in.gpu, "gpu", "", "of one GPU device and hour, such as `1.20`")
		f.StringArrayVar(&in.shapes, "shape", nil, "prices of one node shape, as `SHAPE:cpu=…,memory=…,gpu=…`; repeatable")
		f.StringVar(&in.currency, "currency", "", "`CODE` of three letters, for people")
	}))
}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// prices reads the flags.
func (in priceFlags) prices(cluster string) (*event.PriceSet, error) {
	if in.currency != "" && !currencyCode.MatchString(in.currency) {
		return nil, fmt.Errorf("--currency %q: want three capital letters, such as USD", in.currency)
	}
	set := &event.PriceSet{Cluster: event.ClusterID(cluster), Currency: in.currency}
	if in.cpu+in.memory+in.gpu != "" {
		p, err := onePrice("", in.cpu, in.memory, in.gpu)
		if err != nil {
			return nil, err
		}
		set.Prices = append(set.Prices, p)
	}
	for _, text := range in.shapes {
		p, err := shapePrice(text)
		if err != nil {
			return nil, err
		}
		set.Prices = append(set.Prices, p)
	}
	if len(set.Prices) == 0 {
		return nil, fmt.Errorf("no price given: use --cpu, --memory, --gpu or --shape (or `fairlead price rm %s`)", cluster)
	}
	return set, set.Validate()
}

func onePrice(shape, cpu, memory, gpu string) (event.Price, error) {
	p := event.Price{Shape: shape}
	return p, errors.Join(given("cpu", cpu, quantity.Micro, &p.CPU), given("memory", memory, quantity.Micro, &p.Memory), given("gpu", gpu, quantity.Micro, &p.GPU))
}

// shapePrice reads SHAPE:cpu=0.04,memory=0.005,gpu=2.4.
func shapePrice(text string) (event.Price, error) {
	shape, rest, ok := strings.Cut(text, ":")
	amounts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		of, amount, found := strings.Cut(part, "=")
		_, twice := amounts[of]
		ok = ok && found && amount != "" && !twice && (of == "cpu" || of == "memory" || of == "gpu")
		amounts[of] = amount
	}
	if !ok || shape == "" {
		return event.Price{}, fmt.Errorf("--shape %q: want SHAPE:cpu=…,memory=…,gpu=…", text)
	}
	p, err := onePrice(shape, amounts["cpu"], amounts["memory"], amounts["gpu"])
	if err != nil {
		return p, fmt.Errorf("--shape %s: %w", shape, err)
	}
	return p, nil
}

func newPriceList(s *Session) *cobra.Command {
	o := &act{Session: s}
	o.do = func(ctx context.Context, f *fleet) error {
		ctx, cancel := o.bounded(ctx)
		defer cancel()
		all, _, err := f.ask.Prices(ctx)
		if err != nil {
			return answered(err, "prices")
		}
		return rows(o, all, priceRows(all), "no prices; set one with `fairlead price set CLUSTER`")
	}
	return command(spec{
		use:   "ls",
		about: "List the prices that count, by cluster and node shape, and who says so.",
		examples: [3]string{
			"fairlead price ls",
			"fairlead price ls -o yaml",
			"fairlead price ls -o json | jq '.[] | select(.by == \"operator\")'",
		},
		exits:  connected,
		see:    []string{"fairlead price set", "fairlead price rm", "fairlead clusters ls"},
		server: true,
	}, o)
}

func priceRows(all []scheduler.PriceView) output.Rows {
	t := output.Rows{Columns: []output.Column{
		{Name: "cluster"}, {Name: "shape"}, {Name: "core/h", Right: true}, {Name: "GiB/h", Right: true}, {Name: "GPU/h", Right: true},
		{Name: "currency"}, {Name: "set by"},
	}}
	for _, v := range all {
		for _, p := range v.Prices {
			shape := p.Shape
			if shape == "" {
				shape = "any other"
			}
			t.Add(string(v.Cluster), shape, money(p.CPU), money(p.Memory), money(p.GPU), dash(v.Currency), string(v.By))
		}
	}
	return t
}

// clusterPrice writes a cluster's prices in one cell.
func clusterPrice(v *scheduler.PriceView) string {
	if v == nil {
		return "–"
	}
	return strings.Join(priceWords(v.Prices, v.Currency), "; ")
}

func newPriceRemove(s *Session) *cobra.Command {
	var cluster event.ClusterID
	o := &act{Session: s}
	o.read = func(args []string) (err error) {
		cluster, err = clusterID(args[0])
		return err
	}
	o.do = func(ctx context.Context, f *fleet) error {
		bounded, cancel := o.bounded(ctx)
		defer cancel()
		all, _, err := f.ask.Prices(bounded)
		if err != nil {
			return answered(err, "prices")
		}
		for _, v := range all {
			if v.Cluster == cluster && v.By == scheduler.PricedByOperator {
				return o.say(ctx, f, &event.PriceSet{Cluster: cluster, Removed: true})
			}
		}
		return exit.Errorf(exit.NotFound, "no operator has set prices for %s", cluster)
	}
	return command(spec{
		use:   "rm CLUSTER",
		about: "Remove the prices that were set for a cluster; those of its agent count again.",
		examples: [3]string{
			"fairlead price rm eu-1",
			"fairlead price rm eu-1 -o json",
			"fairlead price ls && fairlead price rm eu-1",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead price ls", "fairlead price set"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o)
}
