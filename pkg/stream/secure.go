package stream

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/spf13/pflag"

	"fairlead.dev/pkg/identity"
)

// guarded are the options of Guarded for whoever has credentials.
func (c ConnConfig) guarded() []nats.Option {
	if c.Server != nil || c.InsecurePlain || c.Creds == "" && c.NKey == "" && c.User == "" {
		return nil
	}
	return Guarded(c.URL)
}

// Guarded makes TLS a condition, whatever the URLs say, on this connection and every
// later one. What stays on the machine needs none: a server on loopback, whose word about
// other servers is then not taken.
func Guarded(urls string) []nats.Option {
	if Loopback(urls) {
		return []nats.Option{nats.IgnoreDiscoveredServers()}
	}
	return []nats.Option{nats.Secure()}
}

// Loopback says whether every one of these URLs, separated by commas, leads to this
// machine itself. No URL is the default one, which does.
func Loopback(urls string) bool {
	for one := range strings.SplitSeq(urls, ",") {
		if one = strings.TrimSpace(one); one != "" && !loopback(one) {
			return false
		}
	}
	return true
}

func loopback(one string) bool {
	if !strings.Contains(one, "://") {
		one = "nats://" + one
	}
	u, err := url.Parse(one)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// ErrUnsigned is a service outside this machine without an identity.
var ErrUnsigned = errors.New("no identity: without credentials of an authority (--creds, from `fairlead auth` or `fairlead clusters join`) " +
	"nothing is signed and anybody's word is believed, which is for a server on this machine's loopback alone (--insecure-unsigned allows it)")

// Identify reads who a service is from its credentials. Where the log is not on this
// machine a service without an identity is refused, unless it was told that everything
// may be unsigned and anybody believed.
func (c ConnConfig) Identify() (identity.Identity, error) {
	var id identity.Identity
	if c.Creds != "" {
		var err error
		if id, err = identity.Load(c.Creds); err != nil {
			return id, err
		}
	}
	if id.Trust == nil && c.Server == nil && !c.InsecureUnsigned && !Loopback(c.URL) {
		return id, ErrUnsigned
	}
	return id, nil
}

// SecurityFlags declares how a process of its own proves who it is, beside its server.
func (c *ConnConfig) SecurityFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.Creds, "creds", c.Creds, "`file` of credentials, of `fairlead auth` or `fairlead clusters join`")
	fs.StringVar(&c.CA, "ca", c.CA, "`file` of the certificates to trust for NATS, in place of the system's")
	fs.BoolVar(&c.InsecurePlain, "insecure-plain", false, "send credentials over connections without TLS")
	fs.BoolVar(&c.InsecureUnsigned, "insecure-unsigned", false, "without an identity: sign nothing and believe everybody")
}
