package scheduler

import (
	"fairlead.dev/pkg/event"
)

// QuotaView is a quota with what counts against it now.
type QuotaView struct {
	event.QuotaSet
	Used      event.Resources `json:"used"`                // what the placed replicas ask for
	UsedPrice int64           `json:"usedPrice,omitempty"` // micro-units of currency per hour
	Placed    int             `json:"placed"`              // workloads with replicas somewhere
}

// PriceView is what a cluster's room costs and who says so.
type PriceView struct {
	Cluster  event.ClusterID `json:"cluster"`
	By       PriceSource     `json:"by"`
	Currency string          `json:"currency,omitempty"` // ISO 4217, for people
	Prices   []event.Price   `json:"prices"`             // micro-units of currency per hour, by node shape
}

// PriceSource says whose prices count.
type PriceSource string

// The sources of prices; an operator's go before an agent's.
const (
	PricedByOperator PriceSource = "operator"
	PricedByAgent    PriceSource = "agent"
)

// QuotaViews lists the quotas with their use, by tenant. What a tenant uses counts
// for every group above it.
func (s *State) QuotaViews() []QuotaView {
	out := make([]QuotaView, 0, len(s.quotas))
	for _, q := range s.Quotas() {
		v := QuotaView{QuotaSet: *q}
		if a := s.books.accounts[q.Tenant]; a != nil {
			v.use(&a.used)
		}
		out = append(out, v)
	}
	return out
}

// use writes what an account has used in plain numbers.
func (v *QuotaView) use(u *usage) {
	v.Used = event.Resources{CPUMilli: u.cpu.amount(), MemoryBytes: u.memory.amount(), GPUMilli: u.gpu.amount()}
	for _, name := range sortedKeys(u.extended) {
		if n := u.extended[name].amount(); n > 0 {
			if v.Used.Extended == nil {
				v.Used.Extended = map[string]int64{}
			}
			v.Used.Extended[name] = n
		}
	}
	v.UsedPrice, v.Placed = u.price.amount(), u.workloads
}

// PriceViews lists the prices that count, by cluster: of clusters in the fleet, and
// those set for clusters that may come.
func (s *State) PriceViews() []PriceView {
	var out []PriceView
	set := s.Prices()
	for _, c := range s.clusters.sorted {
		for len(set) > 0 && set[0].Cluster < c.id {
			out, set = append(out, *setPrices(set[0])), set[1:]
		}
		if len(set) > 0 && set[0].Cluster == c.id {
			set = set[1:]
		}
		if v := s.priceView(c); v != nil {
			out = append(out, *v)
		}
	}
	for _, d := range set {
		out = append(out, *setPrices(d))
	}
	return out
}

// priceView is what the cluster's room costs, nil if nobody says.
func (s *State) priceView(c *cluster) *PriceView {
	if d := s.prices[c.id]; d != nil {
		return setPrices(d)
	}
	if c.report == nil || len(c.report.Prices) == 0 {
		return nil
	}
	return &PriceView{Cluster: c.id, By: PricedByAgent, Prices: c.report.Prices}
}

func setPrices(d *event.PriceSet) *PriceView {
	return &PriceView{Cluster: d.Cluster, By: PricedByOperator, Currency: d.Currency, Prices: d.Prices}
}

// currency is what prices are written in, where all that were set agree; "" otherwise.
func (s *State) currency() string {
	found := ""
	for _, d := range s.Prices() {
		switch {
		case d.Currency == "" || d.Currency == found:
		case found != "":
			return ""
		default:
			found = d.Currency
		}
	}
	return found
}
