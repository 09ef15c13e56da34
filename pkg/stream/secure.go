package stream

import (
	"net"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
)

// guarded makes TLS a condition for whoever has credentials, whatever the URL says, on
// this connection and every later one. What stays on the machine needs none: a server on
// loopback, whose word about other servers is then not taken, or one in the process.
func (c ConnConfig) guarded() []nats.Option {
	switch {
	case c.Server != nil || c.InsecurePlain || c.Creds == "" && c.NKey == "" && c.User == "":
		return nil
	case Loopback(c.URL):
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
