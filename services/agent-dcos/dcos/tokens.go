package dcos

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Login gives a new token.
type Login func(ctx context.Context) (token string, err error)

// Tokens keeps one token as long as it is good, and logs in again when it is not. A nil *Tokens gives
// none. Its methods may be called at the same time; one login is done for all who wait.
type Tokens struct {
	login Login

	mu    sync.Mutex
	token string
	until time.Time // when to log in again; zero for a token that does not say
	now   func() time.Time
}

// NewTokens logs in when a token is first asked for.
func NewTokens(login Login) *Tokens { return &Tokens{login: login, now: time.Now} }

// renewBefore is how much of a token's remaining life is not used, at most: clocks differ.
const renewBefore = 5 * time.Minute

// Token gives a good token, after a login if need be.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	if t == nil {
		return "", nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && (t.until.IsZero() || t.now().Before(t.until)) {
		return t.token, nil
	}
	token, err := t.login(ctx)
	if err != nil {
		return "", fmt.Errorf("log in to DC/OS: %w", err)
	}
	t.token, t.until = token, t.expiry(token)
	return token, nil
}

// expiry is when to stop using a token: some time before its end, less for one with a short life.
func (t *Tokens) expiry(token string) time.Time {
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil || claims.ExpiresAt == nil {
		return time.Time{} // the server says 401 when it is over
	}
	end := claims.ExpiresAt.Time
	return end.Add(-min(renewBefore, max(0, end.Sub(t.now())/10)))
}

// Spoil says that the server did not take a token. It tells whether another may be had.
func (t *Tokens) Spoil(token string) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token { // else somebody was faster
		t.token = ""
	}
	return true
}

// Fixed reads the token from a file at every login, so that whoever renews it there is heard.
func Fixed(file string) Login {
	return func(context.Context) (string, error) {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(text))
		if token == "" {
			return "", fmt.Errorf("%s is empty", file)
		}
		return token, nil
	}
}

// Account is a service account of DC/OS, as `dcos security secrets create-sa-secret` writes it.
type Account struct {
	UID        string `json:"uid"`
	PrivateKey string `json:"private_key"` // RSA, PEM
	Scheme     string `json:"scheme"`      // RS256
	Endpoint   string `json:"login_endpoint"`

	key *rsa.PrivateKey
}

// ReadAccount reads a service account's file. Its login endpoint may be empty.
func ReadAccount(file string) (*Account, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	a := &Account{}
	if err := json.Unmarshal(text, a); err != nil {
		return nil, fmt.Errorf("service account %s: not the JSON of a service account", file)
	}
	if a.UID == "" || a.Scheme != "" && a.Scheme != "RS256" {
		return nil, fmt.Errorf("service account %s: want uid, private_key and scheme RS256", file)
	}
	if a.key, err = jwt.ParseRSAPrivateKeyFromPEM([]byte(a.PrivateKey)); err != nil {
		return nil, fmt.Errorf("service account %s: private_key is no RSA key in PEM", file)
	}
	return a, nil
}

// loginFor is how long a login that we sign is good.
const loginFor = 5 * time.Minute

// Login exchanges a signed statement of who we are for a token, at the path that the client's base has.
func (a *Account) Login(c *Client) Login {
	return func(ctx context.Context) (string, error) {
		statement := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
			"uid": a.UID, "exp": time.Now().Add(loginFor).Unix(),
		})
		signed, err := statement.SignedString(a.key)
		if err != nil {
			return "", errors.New("the service account's key does not sign")
		}
		var answer struct {
			Token string `json:"token"`
		}
		body := map[string]string{"uid": a.UID, "token": signed}
		if err := c.Call(ctx, "POST", "", body, &answer); err != nil {
			return "", err
		}
		if answer.Token == "" {
			return "", errors.New("the answer holds no token")
		}
		return answer.Token, nil
	}
}
