package controlplane

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
	"time"
)

// keys is what a cluster proves its identity with, as the contents of PEM files.
type keys struct {
	authority   []byte // certificate that clients trust
	server      []byte // certificate of the API server, signed by it
	serverKey   []byte
	accountsKey []byte // signs the tokens of service accounts
}

// newKeys makes a throw-away authority, whose key is forgotten, and what it signs.
func newKeys(now time.Time) (keys, error) {
	fail := func(err error) (keys, error) { return keys{}, fmt.Errorf("make the cluster's keys: %w", err) }
	var private [3]*ecdsa.PrivateKey
	var files [3][]byte
	for i := range private {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return fail(err)
		}
		der, err := x509.MarshalECPrivateKey(key) // the one form that every flag takes
		if err != nil {
			return fail(err)
		}
		private[i], files[i] = key, pemBlock("EC PRIVATE KEY", der)
	}
	ca := authorityTemplate(now)
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, private[0].Public(), private[0])
	if err != nil {
		return fail(err)
	}
	serverDER, err := x509.CreateCertificate(rand.Reader, serverTemplate(now), ca, private[1].Public(), private[0])
	if err != nil {
		return fail(err)
	}
	return keys{
		authority:   pemBlock("CERTIFICATE", caDER),
		server:      pemBlock("CERTIFICATE", serverDER),
		serverKey:   files[1],
		accountsKey: files[2],
	}, nil
}

func authorityTemplate(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "test control plane"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(1, 0, 0),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
}

func serverTemplate(now time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "kube-apiserver"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:     []string{"localhost"},
	}
}

func pemBlock(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
