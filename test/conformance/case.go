package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// file is a file of cases; what else it tells of itself is for people.
type file struct {
	Cases []json.RawMessage `json:"cases"`
}

// testCase is one expectation, in nobody's vocabulary.
type testCase struct {
	ID, Suite, Name, Source, Level, Notes string

	Clusters []member
	Request  request
	Expect   expect
}

// member is a cluster of a case.
type member struct {
	Name           string                   `json:"name"`
	Score          *int                     `json:"score"` // from outside, for this case's workload
	Provider       string                   `json:"provider"`
	Region         string                   `json:"region"`
	Zones          []string                 `json:"zones"`
	Labels         map[string]string        `json:"labels"`
	Claims         map[string]string        `json:"claims"` // facts it tells of itself
	Taints         []taint                  `json:"taints"`
	Pool           string                   `json:"pool"`
	Deleting       bool                     `json:"deleting"`
	SupportedKinds []string                 `json:"supported_kinds"`
	Capacity       *capacity                `json:"capacity"` // absent: more than anybody asks
	Nodes          *uniform                 `json:"nodes"`
	External       map[string]externalScore `json:"external_scores"`
	Observed       *observed                `json:"observed"`
}

type taint struct {
	Key, Value, Effect string
	TimeAdded          time.Time
}

// capacity says what a cluster has in one of several ways.
type capacity struct {
	AvailableReplicas *int              `json:"available_replicas"` // of the size that is asked for
	Nodes             []node            `json:"nodes"`
	NodeShapes        []grade           `json:"node_shapes"`
	Allocatable       map[string]string `json:"allocatable"`
	Allocated         map[string]string `json:"allocated"`
	Free              map[string]string `json:"free"`
	Total             map[string]string `json:"total"`
}

type node struct {
	Name        string              `json:"name"`
	Allocatable map[string]string   `json:"allocatable"`
	Labels      map[string]string   `json:"labels"`
	Taints      []taint             `json:"taints"`
	Pods        []map[string]string `json:"pods"`
}

// grade is a number of nodes known to have at least so much free.
type grade struct {
	FreeMin map[string]string `json:"free_min"`
	Count   int               `json:"count"`
}

type uniform struct{ Count, CPU int }

type externalScore struct {
	Values     map[string]int `json:"values"`
	ValidUntil time.Time      `json:"valid_until"`
}

// observed is what a cluster says of the replicas it was given.
type observed struct {
	Ready         int `json:"ready"`
	Unschedulable int `json:"unschedulable_for_over_threshold"`
}

// request is what is asked of placement, in any of the vocabularies.
type request struct {
	Replicas        *int                  `json:"replicas"`
	ClustersWanted  int                   `json:"clusters_wanted"`
	Strategy        string                `json:"strategy"`
	Weights         []weight              `json:"weights"`
	Rounding        string                `json:"rounding"`
	Previous        previous              `json:"previous"`
	KeepPrevious    bool                  `json:"keep_previous"`
	AlreadySelected bool                  `json:"already_selected"`
	Affinity        *affinity             `json:"affinity"`
	AffinityTiers   [][]string            `json:"affinity_tiers"`
	Spread          []spread              `json:"spread"`
	RankBy          []string              `json:"rank_by"`
	Kind            string                `json:"kind"`
	EvictingFrom    []string              `json:"evicting_from"`
	Tolerations     []toleration          `json:"tolerations"`
	MatchAnyOf      []selector            `json:"match_any_of"`
	Prioritizers    *prioritizers         `json:"prioritizers"`
	Score           string                `json:"score"` // the part that is looked at
	Pools           []string              `json:"pools"`
	PoolDefinitions map[string]pool       `json:"pool_definitions"`
	OthersHold      map[string][]string   `json:"other_requests_hold"`
	Groups          *groups               `json:"groups"`
	Now             time.Time             `json:"now"`
	Resources       map[string]string     `json:"resources"`
	NodeConstraints *nodeConstraints      `json:"node_constraints"`
	Components      []component           `json:"components"`
	UpperBoundSets  int                   `json:"upper_bound_sets"`
	InFlight        map[string][]inFlight `json:"in_flight"`
	Queues          []queue               `json:"queues"`
}

type weight struct {
	Clusters []string
	Weight   int
}

type affinity struct{ Clusters []string }

type spread struct {
	By       string
	Min, Max int
}

type toleration struct {
	Key, Operator, Value, Effect string
	TolerationSeconds            *int
}

// selector is a term of conditions that hold together.
type selector struct {
	Labels, Claims labelSelector
	CEL            []string
}

type labelSelector struct {
	MatchLabels      map[string]string
	MatchExpressions []expression
}

type expression struct {
	Key, Operator string
	Values        []string
}

type prioritizers struct {
	Mode    string
	Weights []prioritizer
}

type prioritizer struct {
	Builtin, External string
	Weight            int
}

type pool struct {
	SelectorType  string
	LabelSelector labelSelector
}

type groups struct {
	PerGroup string `json:"per_group"`
	Named    []struct {
		Name   string
		Labels map[string]string
	}
}

type nodeConstraints struct {
	NodeSelector map[string]string
	NodeAffinity struct {
		NodeSelectorTerms []labelSelector
	}
	Tolerations []toleration
}

// component is a part of a set: so many replicas of one size.
type component struct {
	Name        string            `json:"name"`
	Replicas    int               `json:"replicas"`
	Resources   map[string]string `json:"resources"`
	Constraints *nodeConstraints  `json:"node_constraints"`
}

// inFlight is a workload decided for a cluster that has not said so yet.
type inFlight struct {
	Namespace  string
	Components []component
}

type queue struct {
	Queue   string
	Weight  int
	Batches []batch
}

// batch is a number of equal jobs of one queue.
type batch struct {
	ID          string
	Jobs, CPU   int
	Runtime     span
	Priority    int
	Preemptible bool
	SubmitAt    span `json:"submit_at"`
	After       []string
	Gang        int
}

// expect is what should come out; Outcome says which members count.
type expect struct {
	Outcome        string           `json:"outcome"`
	Placement      map[string]int   `json:"placement"`
	PlacementAnyOf []map[string]int `json:"placement_any_of"`
	ReasonContains string           `json:"reason_contains"` // the peer's words: ours must only be there
	Selected       []string         `json:"selected"`
	Regions        []string         `json:"selected_regions"`
	Unfilled       *int             `json:"unfilled"`
	Explain        *breakdown       `json:"explain"`
	Ranking        []string         `json:"ranking"`
	Cluster        string           `json:"cluster"`
	Feasible       []string         `json:"feasible"`
	RecheckAt      time.Time        `json:"recheck_at"`
	Scores         map[string]int   `json:"scores"`
	MaxReplicas    map[string]int   `json:"max_replicas"`
	MaxSets        map[string]int   `json:"max_sets"`
	Remaining      map[string]int   `json:"remaining"`
	Groups         []group          `json:"groups"`
	Events         []moment         `json:"events"`
	WithinVirtual  span             `json:"within_virtual"`
}

// breakdown is what the explanation should show, step by step.
type breakdown struct {
	AfterMatch        []string `json:"after_match"`
	AfterTaintsRanked []string `json:"after_taints_ranked"`
	Scores            map[string]struct {
		Weight int
		Scores map[string]int
	} `json:"scores"`
}

type group struct {
	Name     string
	Clusters []string
}

// moment is a number of equal events that follow each other.
type moment struct {
	Count        int
	Event, Queue string
}

// span is a duration as Go writes it.
type span time.Duration

// UnmarshalText reads "1m".
func (s *span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = span(d)
	return err
}

// previous is where replicas run already: by number, or one on each that is named.
type previous map[string]int

// UnmarshalJSON reads both forms.
func (p *previous) UnmarshalJSON(data []byte) error {
	var names []string
	if json.Unmarshal(data, &names) != nil {
		return json.Unmarshal(data, (*map[string]int)(p))
	}
	*p = previous{}
	for _, name := range names {
		(*p)[name] = 1
	}
	return nil
}

// load reads the cases of every JSON file in a folder, in order. A member that this
// program does not know is an error: a case half understood proves nothing.
func load(dir string) ([]testCase, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no *.json in %s", dir)
	}
	var all []testCase
	for _, name := range names {
		cases, err := loadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, cases...)
	}
	return all, unique(all)
}

func loadFile(name string) ([]testCase, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	cases := make([]testCase, len(f.Cases))
	for i, raw := range f.Cases {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&cases[i]); err != nil {
			return nil, fmt.Errorf("case %d (%s): %w", i+1, cases[i].ID, err)
		}
	}
	return cases, nil
}

func unique(all []testCase) error {
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.ID] {
			return fmt.Errorf("two cases are called %s", c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}
