package cluster

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"fairlead.dev/pkg/event"
	"fairlead.dev/services/agent-dcos/dcos"
	"fairlead.dev/services/agent-dcos/manifest"
)

// Orchestrator is what the cluster calls itself in reports.
const Orchestrator = "dcos"

// Config says which cluster is driven and how its things are named.
type Config struct {
	// URL is the cluster's own, such as https://dcos.example: Marathon, Mesos and the login are found
	// below it. Empty where Marathon and Mesos run without DC/OS.
	URL string
	// Marathon and Mesos replace what is found below URL.
	Marathon, Mesos string
	// Account is the file of a service account; TokenFile one with a token that somebody else
	// renews. At most one of them; neither for a cluster without access control.
	Account, TokenFile string
	// CA is a file with the CA that signed the cluster's certificate; empty for the system's.
	CA string
	// Cluster is the name in the federation. Objects of another name are foreign.
	Cluster event.ClusterID
	// Group is Marathon's group that holds all of ours; empty is "/fairlead".
	Group string
	// Keys are the names that the cluster's nodes use.
	Keys manifest.Keys
	// Provider, Region and Zone replace what nodes say, where they are not empty.
	Provider, Region, Zone string
	// Labels and Taints are the cluster's own, for placement.
	Labels map[string]string
	Taints []event.Taint
	// Within is how long one request may take; zero is 10 s.
	Within time.Duration
	// ForceAfter is how long a lock is waited for before a deployment of the same workload is
	// halted; zero is 5 s.
	ForceAfter time.Duration
	// Keep is how long tombstones are kept; zero is 30 days.
	Keep time.Duration
	// Log tells of what changes; nil is slog.Default.
	Log *slog.Logger
}

// The defaults of Config.
const (
	DefaultGroup      = "/fairlead"
	DefaultWithin     = 10 * time.Second
	DefaultForceAfter = 5 * time.Second
	DefaultKeep       = 30 * 24 * time.Hour
)

func (c Config) completed() Config {
	c.URL = strings.TrimRight(c.URL, "/")
	if c.URL != "" {
		c.Marathon = cmp.Or(c.Marathon, c.URL+"/service/marathon")
		c.Mesos = cmp.Or(c.Mesos, c.URL+"/mesos")
	}
	c.Marathon, c.Mesos = strings.TrimRight(c.Marathon, "/"), strings.TrimRight(c.Mesos, "/")
	c.Group = cmp.Or(c.Group, DefaultGroup)
	c.Keys = c.Keys.WithDefaults()
	c.Within = cmp.Or(c.Within, DefaultWithin)
	c.ForceAfter = cmp.Or(c.ForceAfter, DefaultForceAfter)
	c.Keep = cmp.Or(c.Keep, DefaultKeep)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func (c Config) scheme() manifest.Scheme {
	return manifest.Scheme{Cluster: c.Cluster, Root: c.Group}
}

func (c Config) validate() error {
	errs := []error{c.scheme().Validate(), checkURL("Marathon", c.Marathon), checkURL("Mesos", c.Mesos)}
	if err := event.CheckName(string(c.Cluster)); err != nil {
		errs = append(errs, fmt.Errorf("cluster: %w", err))
	}
	if c.Account != "" && c.TokenFile != "" {
		errs = append(errs, errors.New("a service account and a token file are given: want one"))
	}
	if c.Within < 0 || c.ForceAfter < 0 || c.Keep < 0 {
		errs = append(errs, errors.New("times must not be negative"))
	}
	return errors.Join(errs...)
}

func checkURL(of, text string) error {
	if text == "" {
		return fmt.Errorf("URL of %s: is missing, and so is the cluster's", of)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("URL of %s: want http(s)://host and perhaps a path", of) // it may hold a password: it is not repeated
	}
	return nil
}

// tokens are how the agent shows who it is; nil without access control.
func (c Config) tokens(transport *http.Client) (*dcos.Tokens, error) {
	switch {
	case c.TokenFile != "":
		return dcos.NewTokens(dcos.Fixed(c.TokenFile)), nil
	case c.Account == "":
		return nil, nil
	}
	account, err := dcos.ReadAccount(c.Account)
	if err != nil {
		return nil, err
	}
	endpoint := c.URL + "/acs/api/v1/auth/login"
	if c.URL == "" {
		endpoint = account.Endpoint
	}
	if err := checkURL("the login", endpoint); err != nil {
		return nil, err
	}
	return dcos.NewTokens(account.Login(&dcos.Client{Base: endpoint, HTTP: transport, Within: c.Within})), nil
}

// transport has limits for what hangs before an answer begins; streams may then go on.
func (c Config) transport() (*http.Client, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = c.Within
	if c.CA != "" {
		text, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate in PEM", c.CA)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: t}, nil
}
