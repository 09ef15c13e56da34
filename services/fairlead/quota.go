package fairlead

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/quantity"
	"fairlead.dev/pkg/scheduler"
	"fairlead.dev/services/fairlead/exit"
	"fairlead.dev/services/fairlead/output"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newQuota(s *Session) *cobra.Command {
	return parent("quota", "Limit what tenants, and groups of tenants, may use together.", newQuotaSet(s), newQuotaList(s), newQuotaRemove(s))
}

// quotaFlags are the limits as people write them.
type quotaFlags struct {
	cpu, memory, gpu, price, parent string
	extended                        []string
	workloads, weight               int
}

func newQuotaSet(s *Session) *cobra.Command {
	var in quotaFlags
	var quota *event.QuotaSet
	o := &act{Session: s}
	o.read = func(args []string) (err error) {
		quota, err = in.quota(args[0])
		return err
	}
	o.do = func(ctx context.Context, f *fleet) error { return o.say(ctx, f, quota) }
	return command(spec{
		use:    "set TENANT",
		about:  "Set what a tenant, or a group of tenants, may use; it replaces the quota before as a whole.",
		detail: "What is not given is not limited. A tenant counts against its own quota and against every group above it.",
		examples: [3]string{
			"fairlead quota set shop --cpu 200 --memory 800GiB --workloads 50",
			"fairlead quota set shop --parent retail --weight 3 --max-price 12.50",
			"fairlead quota set lab --gpu 8 --extended example.com/fpga=2",
		},
		exits:  connected,
		see:    []string{"fairlead quota ls", "fairlead explain", "fairlead schema quota.set"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o, flags("Limits", func(f *pflag.FlagSet) {
		f.StringVar(&in.cpu, "cpu", "", "cores, such as `200` or 0.5")
		f.StringVar(&in.memory, "memory", "", "memory, such as `800GiB`")
		f.StringVar(&in.gpu, "gpu", "", "GPU devices, such as `8`")
		f.StringArrayVar(&in.extended, "extended", nil, "another resource, as `RESOURCE=N`; repeatable")
		f.IntVar(&in.workloads, "workloads", 0, "most `N` workloads placed at a time")
		f.StringVar(&in.price, "max-price", "", "most that all may cost per hour, such as `12.50`")
	}), flags("Share", func(f *pflag.FlagSet) {
		f.StringVar(&in.parent, "parent", "", "`GROUP` it belongs to")
		f.IntVar(&in.weight, "weight", 0, "share `N` among its siblings when room is scarce (1)")
	}))
}

// quota reads the flags.
func (in quotaFlags) quota(tenant string) (*event.QuotaSet, error) {
	q := &event.QuotaSet{Tenant: event.Tenant(tenant), Parent: event.Tenant(in.parent), Weight: in.weight, Workloads: in.workloads}
	limit := event.Resources{}
	err := errors.Join(
		given("--cpu", in.cpu, quantity.Milli, &limit.CPUMilli),
		given("--memory", in.memory, quantity.Bytes, &limit.MemoryBytes),
		given("--gpu", in.gpu, quantity.Milli, &limit.GPUMilli),
		given("--max-price", in.price, quantity.Micro, &q.MaxPrice),
		extended(in.extended, &limit),
	)
	if err != nil {
		return nil, err
	}
	if limit.CPUMilli+limit.MemoryBytes+limit.GPUMilli > 0 || len(limit.Extended) > 0 {
		q.Limit = &limit
	}
	if q.Limit == nil && q.MaxPrice == 0 && q.Workloads == 0 && q.Weight == 0 && q.Parent == "" {
		return nil, exit.Errorf(exit.Usage, "a quota that sets nothing: give a limit, --weight or --parent (or `fairlead quota rm %s`)", tenant)
	}
	return q, q.Validate()
}

// given reads an amount if the flag was given.
func given(flag, text string, parse func(string) (int64, error), to *int64) error {
	if text == "" {
		return nil
	}
	n, err := parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	*to = n
	return nil
}

func extended(all []string, limit *event.Resources) error {
	for _, one := range all {
		name, text, ok := strings.Cut(one, "=")
		n, err := strconv.ParseInt(text, 10, 64)
		if !ok || err != nil || name == "" || n < 0 {
			return fmt.Errorf("--extended %q: want NAME=N, a whole number", one)
		}
		if limit.Extended == nil {
			limit.Extended = map[string]int64{}
		}
		limit.Extended[name] = n
	}
	return nil
}

func newQuotaList(s *Session) *cobra.Command {
	o := &act{Session: s}
	o.do = func(ctx context.Context, f *fleet) error {
		ctx, cancel := o.bounded(ctx)
		defer cancel()
		all, _, err := f.ask.Quotas(ctx)
		if err != nil {
			return answered(err, "quotas")
		}
		return rows(o, all, quotaRows(all), "no quotas; set one with `fairlead quota set TENANT`")
	}
	return command(spec{
		use:   "ls",
		about: "List the quotas: used of allowed, with what the tenants below use.",
		examples: [3]string{
			"fairlead quota ls",
			"fairlead quota ls -o wide",
			"fairlead quota ls -o json | jq '.[] | select(.placed > 0)'",
		},
		exits:  connected,
		see:    []string{"fairlead quota set", "fairlead quota rm", "fairlead get --tenant"},
		server: true,
	}, o)
}

func quotaRows(all []scheduler.QuotaView) output.Rows {
	t := output.Rows{Columns: []output.Column{
		{Name: "tenant"}, {Name: "parent"}, {Name: "weight", Right: true}, {Name: "cpu", Right: true}, {Name: "memory", Right: true},
		{Name: "gpu", Right: true}, {Name: "workloads", Right: true}, {Name: "price/h", Right: true}, {Name: "other", Wide: true},
	}}
	for _, q := range all {
		limit := event.Resources{}
		if q.Limit != nil {
			limit = *q.Limit
		}
		t.Add(string(q.Tenant), dash(string(q.Parent)), strconv.Itoa(max(q.Weight, 1)),
			used(quantity.Cores, q.Used.CPUMilli, limit.CPUMilli), used(quantity.Memory, q.Used.MemoryBytes, limit.MemoryBytes),
			used(quantity.Cores, q.Used.GPUMilli, limit.GPUMilli), used(whole, int64(q.Placed), int64(q.Workloads)),
			used(quantity.Money, q.UsedPrice, q.MaxPrice), usedExtended(q.Used.Extended, limit.Extended))
	}
	return t
}

// used writes what is used of a limit; ∞ where there is none.
func used(write func(int64) string, part, limit int64) string {
	if limit == 0 {
		return write(part) + "/∞"
	}
	return write(part) + "/" + write(limit)
}

func usedExtended(part, limit map[string]int64) string {
	var words []string
	for _, name := range sortedKeys(limit) {
		words = append(words, name+" "+used(whole, part[name], limit[name]))
	}
	return dash(strings.Join(words, ", "))
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func newQuotaRemove(s *Session) *cobra.Command {
	var tenant event.Tenant
	o := &act{Session: s}
	o.read = func(args []string) error {
		tenant = event.Tenant(args[0])
		return event.CheckName(args[0])
	}
	o.do = func(ctx context.Context, f *fleet) error {
		bounded, cancel := o.bounded(ctx)
		defer cancel()
		all, _, err := f.ask.Quotas(bounded)
		if err != nil {
			return answered(err, "quotas")
		}
		for _, q := range all {
			if q.Tenant == tenant {
				return o.say(ctx, f, &event.QuotaSet{Tenant: tenant, Removed: true})
			}
		}
		return exit.Errorf(exit.NotFound, "%s has no quota", tenant)
	}
	return command(spec{
		use:   "rm TENANT",
		about: "Remove a quota: the tenant is limited by the groups above it alone, which it leaves as well.",
		examples: [3]string{
			"fairlead quota rm shop",
			"fairlead quota rm shop -o json",
			"fairlead quota ls && fairlead quota rm shop",
		},
		exits:  with(exit.NotFound),
		see:    []string{"fairlead quota ls", "fairlead quota set"},
		server: true,
		args:   cobra.ExactArgs(1),
	}, o)
}
