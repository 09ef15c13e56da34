package double

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokens are those that were given out and are good.
type tokens struct {
	mu     sync.Mutex
	good   map[string]time.Time // until
	logins int
}

// Expire makes every token that was given out worthless, whatever it says of itself.
func (c *Cluster) Expire() {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	clear(c.tokens.good)
}

// Logins counts the logins that succeeded.
func (c *Cluster) Logins() int {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	return c.tokens.logins
}

// login takes a statement signed by a service account, and gives a token.
func (c *Cluster) login(w http.ResponseWriter, r *http.Request) {
	var body struct{ UID, Token string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		give(w, http.StatusBadRequest, document{"title": "Bad Request", "description": "invalid JSON", "code": "ERR_INVALID_DATA"})
		return
	}
	key, known := c.cfg.Accounts[body.UID]
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(body.Token, claims, func(*jwt.Token) (any, error) {
		if !known {
			return nil, jwt.ErrTokenUnverifiable
		}
		return key, nil
	}, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil || claims["uid"] != body.UID {
		give(w, http.StatusUnauthorized, document{"title": "Unauthorized", "description": "Invalid service account credentials.", "code": "ERR_INVALID_CREDENTIALS"})
		return
	}
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	c.tokens.logins++
	until := time.Now().Add(c.cfg.TokenFor)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"uid": body.UID, "exp": until.Unix(), "jti": fmt.Sprint(c.tokens.logins),
	}).SignedString([]byte("the double's own key"))
	if err != nil {
		panic("double: " + err.Error())
	}
	if c.tokens.good == nil {
		c.tokens.good = map[string]time.Time{}
	}
	c.tokens.good[token] = until
	give(w, http.StatusOK, document{"token": token})
}

// guarded wants a good token where there is access control.
func (c *Cluster) guarded(next http.Handler) http.Handler {
	if c.cfg.Accounts == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "token=")
		c.tokens.mu.Lock()
		until, good := c.tokens.good[token]
		c.tokens.mu.Unlock()
		if !good || time.Now().After(until) {
			w.Header().Set("WWW-Authenticate", `acsjwt realm="DCOS"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
