package authority

import "fmt"

// ServerFile is the part of a NATS server's configuration that makes it believe this
// authority, to be included by the rest.
func (a *Authority) ServerFile() string { return a.path("nats-auth.conf") }

// writeServer writes that part. It holds no secret.
func (a *Authority) writeServer() error {
	operator, err := a.readJWT("operator")
	if err != nil {
		return err
	}
	system, err := a.readJWT(systemAccount)
	if err != nil {
		return err
	}
	log, err := a.readJWT(logAccount)
	if err != nil {
		return err
	}
	return write(a.ServerFile(), fmt.Appendf(nil, serverText, a.register.Name, operator, a.register.System,
		a.register.System, system, a.register.Log, log))
}

const serverText = `# Who is who in federation %s, for a NATS server: include it beside the configuration of deploy/nats.
# No secret is in it. Accounts that are issued later reach the servers by "fairlead auth push".
#   FAIRLEAD_NATS_ACCOUNTS  a folder of the server's own for the accounts it was told
operator: %s
system_account: %s
resolver: {
  type: full
  dir: $FAIRLEAD_NATS_ACCOUNTS
  allow_delete: false
  interval: "2m"
  limit: 100000
}
resolver_preload: {
  %s: %s
  %s: %s
}
`
