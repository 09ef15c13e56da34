package harness

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// AccountsVariable names the folder in which a server keeps the accounts it is told, in
// the configuration that an authority writes. It must be set before ServeSecure.
const AccountsVariable = "FAIRLEAD_NATS_ACCOUNTS"

const secureConfig = `
listen: "127.0.0.1:-1"
tls { cert_file: %q, key_file: %q }
jetstream { store_dir: %q, sync_interval: always }
include %q
`

// ServeSecure starts a server with TLS that believes the authority whose part of the
// configuration is in the file auth. What it needs besides goes beside that file and into
// dir. It gives the file of the certificate to trust as well.
func ServeSecure(dir, auth string) (*server.Server, string, error) {
	cert, key, err := Certificate(dir)
	if err != nil {
		return nil, "", fmt.Errorf("make a certificate: %w", err)
	}
	conf := filepath.Join(filepath.Dir(auth), "server.conf") // an include is looked for beside the file that has it
	text := fmt.Appendf(nil, secureConfig, cert, key, filepath.Join(dir, "log"), filepath.Base(auth))
	if err := os.WriteFile(conf, text, 0o600); err != nil {
		return nil, "", err
	}
	options, err := server.ProcessConfigFile(conf)
	if err != nil {
		return nil, "", fmt.Errorf("read the server's configuration: %w", err)
	}
	s, err := Serve(options)
	return s, cert, err
}

// Certificate makes one for 127.0.0.1 that signs itself, and gives the files of it and of
// its key.
func Certificate(dir string) (cert, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fairlead test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return "", "", err
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return "", "", err
	}
	cert, key = filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key")
	if err := pemFile(cert, "CERTIFICATE", raw); err != nil {
		return "", "", err
	}
	return cert, key, pemFile(key, "EC PRIVATE KEY", secret)
}

func pemFile(path, kind string, raw []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600)
}
