package swarm

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fairlead.dev/services/agent-swarm/cluster"
)

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	dir  string
	name string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir(), name: name}
	a.cert, a.key = a.make("ca", time.Hour, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// make writes NAME.pem and NAME-key.pem of a certificate that ends after a while, or has ended.
func (a *authority) make(name string, ends time.Duration, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.must(err)
	c.SerialNumber, c.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: a.name + " " + name}
	c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(ends)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	a.must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	a.must(err)
	a.must(os.WriteFile(a.file(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	a.must(os.WriteFile(a.file(name+"-key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	made, err := x509.ParseCertificate(der)
	a.must(err)
	return made, key
}

func (a *authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// testTLS is a manager behind TLS that wants to know its clients.
func testTLS(t *testing.T, s *scene) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	client := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	ours.make("agent", time.Hour, client)
	ours.make("expired", -time.Hour, client)
	theirs.make("agent", time.Hour, client)
	ours.make("manager", time.Hour, &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	pair, err := tls.LoadX509KeyPair(ours.file("manager.pem"), ours.file("manager-key.pem"))
	s.must(err)
	known := x509.NewCertPool()
	known.AddCert(ours.cert)
	manager := httptest.NewUnstartedServer(s.wire)
	manager.Config.ErrorLog = log.New(io.Discard, "", 0) // what is refused is told by the agent
	manager.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: known}
	manager.StartTLS()
	defer manager.Close()
	for name, c := range map[string]struct{ ca, cert, words string }{
		"known":              {ours.file("ca.pem"), ours.file("agent"), ""},
		"expired":            {ours.file("ca.pem"), ours.file("expired"), "expired certificate"},
		"of another CA":      {ours.file("ca.pem"), theirs.file("agent"), "certificate"},
		"of another manager": {theirs.file("ca.pem"), ours.file("agent"), "unknown authority"},
		"none":               {"", "", "HTTPS server"},
	} {
		t.Run(name, func(t *testing.T) {
			s.tweak = func(cfg *cluster.Config) {
				cfg.Host = "tcp://" + manager.Listener.Addr().String()
				if c.cert != "" {
					cfg.CA, cfg.Cert, cfg.Key = c.ca, c.cert+".pem", c.cert+"-key.pem"
				}
			}
			v, err := s.agent().Observe(t.Context())
			if c.words == "" {
				if err != nil || !v.Complete {
					t.Errorf("view %+v, error %v", v, err)
				}
				return
			}
			if err == nil || v.Complete || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.words)) {
				t.Errorf("view %+v, error %v, want one that says %q", v, err, c.words)
			}
		})
	}
}
