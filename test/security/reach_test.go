package security_test

import (
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"fairlead.dev/pkg/event"
	"fairlead.dev/pkg/identity"
	"fairlead.dev/pkg/rights"
	"fairlead.dev/pkg/stream"
)

// attempts is the whole table.
func attempts() []attempt {
	return slices.Concat(voices(), commands(), stores(), replies(), headers(), forgeries(), tenants(), readers())
}

// plain gives the parts of an event's message, not signed.
func plain(e event.Event) (string, nats.Header, []byte) {
	m, err := event.Encode(e)
	if err != nil {
		panic(err)
	}
	return m.Subject, m.Header, m.Data
}

// as publishes an event under a subject, signed by whoever m is.
func (m *member) say(subject string, e event.Event) error {
	own, h, body := plain(e)
	if subject == "" {
		subject = own
	}
	msg := &nats.Msg{Subject: subject, Header: h, Data: body}
	m.id.Signer.Sign(msg)
	return m.send(subject, "", msg.Header, msg.Data)
}

// voices: to speak where another speaks.
func voices() []attempt {
	pub := func(subject string) func(*stage, *member) error {
		return func(_ *stage, m *member) error { return m.send(subject, "", nil, []byte("{}")) }
	}
	all := []attempt{
		{rights.Agent, "to say hello as another cluster", func(_ *stage, m *member) error { return m.say("", hello(other)) }, forbidden},
		{rights.Agent, "to say that another cluster left", func(_ *stage, m *member) error {
			e := event.New(event.AgentSource(other), &event.ClusterLeft{Cluster: other, Reason: "x"})
			e.ID = "left"
			return m.say("", e)
		}, forbidden},
		{rights.Agent, "to publish what placement decides", pub("fairlead.placements.cluster.eu-2.command.place"), forbidden},
		{rights.Agent, "to begin an epoch", pub("fairlead.placements.fleet.placement.epoch.started"), forbidden},
		{rights.Agent, "to submit for a tenant", func(_ *stage, m *member) error { return m.say("", submission(otherTenant)) }, forbidden},
		{rights.Agent, "to drain a cluster as an operator would", pub("fairlead.intents.cluster.eu-1.cluster.drained"), forbidden},
		{rights.Agent, "to set the policy", pub("fairlead.intents.fleet.policy.set"), forbidden},
		{rights.Agent, "to ask about the fleet", pub("fairlead.query.fleet.clusters"), forbidden},
		{rights.Agent, "to publish on a subject with a wildcard", pub("fairlead.status.cluster.*.command.rejected"), forbidden},
		{rights.Agent, "to write a dead letter", pub("fairlead.deadletters.status.x.1"), forbidden},
		{rights.Agent, "to talk to the server's own account", pub("$SYS.REQ.CLAIMS.UPDATE"), forbidden},
		{rights.Operator, "to write a decision", pub("fairlead.placements.fleet.placement.epoch.started"), forbidden},
	}
	for _, subject := range []string{"fairlead.>", ">", "$JS.>", "$SYS.>", "fairlead.placements.cluster.eu-2.>", "_R_.>"} {
		all = append(all, attempt{rights.Agent, "to listen to " + subject, func(_ *stage, m *member) error { return m.listen(subject) }, forbidden})
	}
	return all
}

// commands: to take, settle or redirect another cluster's commands.
func commands() []attempt {
	on := "PLACEMENTS." + stream.Durable(other)
	var all []attempt
	for _, prefix := range []string{"$JS.API", rights.API} {
		for what, subject := range map[string]string{
			"to pull another cluster's commands":       ".CONSUMER.MSG.NEXT." + on,
			"to look at another cluster's channel":     ".CONSUMER.INFO." + on,
			"to remove another cluster's channel":      ".CONSUMER.DELETE." + on,
			"to reset another cluster's channel":       ".CONSUMER.RESET." + on,
			"to remove its own channel":                ".CONSUMER.DELETE.PLACEMENTS." + stream.Durable(own),
			"to make a consumer":                       ".CONSUMER.CREATE.PLACEMENTS.mine.fairlead.placements.>",
			"to make a durable consumer the old way":   ".CONSUMER.DURABLE.CREATE.PLACEMENTS.mine",
			"to pause another cluster's channel":       ".CONSUMER.PAUSE." + on,
			"to unpin another cluster's channel":       ".CONSUMER.UNPIN." + on,
			"to pull an integration's records":         ".CONSUMER.MSG.NEXT.PLACEMENTS." + stream.Subscription("billing"),
			"to pull by a pattern":                     ".CONSUMER.MSG.NEXT.PLACEMENTS.*",
			"to list who follows the log":              ".CONSUMER.LIST.PLACEMENTS",
			"to list the names of those who follow it": ".CONSUMER.NAMES.PLACEMENTS",
		} {
			all = append(all, attempt{rights.Agent, what + " (" + prefix + ")", func(_ *stage, m *member) error { return m.ask(prefix+subject, "{}") }, forbidden})
		}
	}
	slices.SortFunc(all, func(a, b attempt) int { return cmpText(a.tries, b.tries) })
	ack := "$JS.ACK.PLACEMENTS." + stream.Durable(other) + ".1.2.1.1.0"
	return append(all,
		attempt{rights.Agent, "to acknowledge another cluster's command", func(_ *stage, m *member) error { return m.send(ack, "", nil, nil) }, forbidden},
		attempt{rights.Agent, "to terminate another cluster's command", func(_ *stage, m *member) error { return m.send(ack, "", nil, []byte("+TERM")) }, forbidden},
	)
}

func cmpText(a, b string) int {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

// stores: to change what keeps the log.
func stores() []attempt {
	var all []attempt
	for what, subject := range map[string]string{
		"to delete a stream": "STREAM.DELETE.STATUS", "to purge a stream": "STREAM.PURGE.STATUS", "to change a stream": "STREAM.UPDATE.STATUS",
		"to delete a record": "STREAM.MSG.DELETE.STATUS", "to make a stream": "STREAM.CREATE.MINE", "to read a record": "STREAM.MSG.GET.INTENTS",
		"to read by position": "DIRECT.GET.INTENTS", "to read another's newest": "DIRECT.GET.STATUS.fairlead.status.cluster.eu-2.command.rejected",
		"to take a snapshot": "STREAM.SNAPSHOT.INTENTS", "to restore one": "STREAM.RESTORE.MINE", "to list the streams": "STREAM.NAMES",
		"to seal a stream by update": "STREAM.UPDATE.INTENTS", "to move a stream's leader": "STREAM.LEADER.STEPDOWN.PLACEMENTS",
		"to read a checkpoint": "DIRECT.GET.OBJ_fairlead-checkpoints", "to see the account": "INFO",
	} {
		for _, role := range []rights.Role{rights.Agent, rights.Tenant, rights.Integration} {
			all = append(all, attempt{role, what, func(_ *stage, m *member) error { return m.ask("$JS.API."+subject, "{}") }, forbidden})
		}
	}
	slices.SortFunc(all, func(a, b attempt) int { return cmpText(string(a.who)+a.tries, string(b.who)+b.tries) })
	return append(all, attempt{rights.Agent, "to overwrite a checkpoint", func(_ *stage, m *member) error {
		return m.send("$O.fairlead-checkpoints.C.x", "", nil, []byte("x"))
	}, forbidden})
}

// replies: reply subjects are not checked, so that the server's own answers become
// messages elsewhere. In an account of one's own they go nowhere.
func replies() []attempt {
	pull := rights.API + ".CONSUMER.MSG.NEXT.PLACEMENTS." + stream.Durable(own)
	var all []attempt
	for what, to := range map[string]string{
		"to delete a stream":                  "$JS.API.STREAM.DELETE.PLACEMENTS",
		"to purge a stream":                   "$JS.API.STREAM.PURGE.PLACEMENTS",
		"to delete a record":                  "$JS.API.STREAM.MSG.DELETE.PLACEMENTS",
		"to remove another cluster's channel": "$JS.API.CONSUMER.DELETE.PLACEMENTS." + stream.Durable(other),
		"to speak as another cluster":         "fairlead.capacity.cluster.eu-2.cluster.capacity.reported",
		"to write into PLACEMENTS":            "fairlead.placements.cluster.eu-2.command.place",
		"to begin an epoch":                   "fairlead.placements.fleet.placement.epoch.started",
		"to speak as an operator":             "fairlead.intents.fleet.policy.set",
		"to reach the server's own account":   "$SYS.REQ.CLAIMS.UPDATE",
		"to answer a question for placement":  "fairlead.query.fleet.clusters",
		"to make the checkpoints unreadable":  "$O.fairlead-checkpoints.M.x",
	} {
		all = append(all,
			attempt{rights.Agent, "by the answer to a pull, " + what, func(_ *stage, m *member) error {
				return quietly(m.send(pull, to, nil, []byte(`{"batch":1,"no_wait":true}`)))
			}, unheard},
			attempt{rights.Agent, "by the answer to a question, " + what, func(_ *stage, m *member) error {
				return quietly(m.send(rights.API+".CONSUMER.INFO.PLACEMENTS."+stream.Durable(own), to, nil, nil))
			}, unheard},
			attempt{rights.Agent, "by the acknowledgement of an event, " + what, func(s *stage, m *member) error {
				return m.send("fairlead.status.cluster.eu-1.command.rejected", to, nil, []byte("no event"))
			}, recognised},
		)
	}
	slices.SortFunc(all, func(a, b attempt) int { return cmpText(a.tries, b.tries) })
	ack := "$JS.ACK.PLACEMENTS." + stream.Durable(other) + ".1.2.1.1.0"
	return append(all,
		attempt{rights.Agent, "by the answer to a pull, to acknowledge another's command", func(_ *stage, m *member) error {
			return m.send(pull, ack, nil, []byte(`{"batch":1,"no_wait":true}`))
		}, forbidden},
		attempt{rights.Agent, "by the acknowledgement of an event, to acknowledge another's command", func(_ *stage, m *member) error {
			return m.send("fairlead.status.cluster.eu-1.command.rejected", ack, nil, []byte("no event"))
		}, forbidden})
}

// quietly is for what the server does not answer to whoever sent it.
func quietly(err error) error {
	if err == nil {
		return errNothing
	}
	return err
}

// headers: those that tell the store what to do with a message.
func headers() []attempt {
	status := "fairlead.status.cluster.eu-1.command.rejected"
	with := func(name, value string) func(*stage, *member) error {
		return func(_ *stage, m *member) error {
			return m.send(status, "", nats.Header{name: {value}}, []byte("no event"))
		}
	}
	return []attempt{
		{rights.Agent, "to take the id of another's next event", func(s *stage, m *member) error {
			return m.send("fairlead.intents.cluster.eu-1.agent.started", "", nats.Header{jetstream.MsgIDHeader: {event.AgentSource(other) + "#eu-2/hello/2"}}, []byte("x"))
		}, recognised},
		{rights.Agent, "to have a trace of its message sent elsewhere", with("Nats-Trace-Dest", "fairlead.placements.cluster.eu-2.command.place"), forbidden},
		{rights.Agent, "to claim another account for its message", with("Nats-Request-Info", `{"acc":"federation","svc":"federation"}`), recognised},
		{rights.Agent, "to roll a stream up into its message", func(_ *stage, m *member) error {
			return quietly(with(jetstream.MsgRollup, "all")(nil, m))
		}, unheard},
		{rights.Agent, "to let its message end the life of others", func(_ *stage, m *member) error { return quietly(with("Nats-TTL", "1s")(nil, m)) }, unheard},
		{rights.Agent, "to schedule messages on another's subject", func(_ *stage, m *member) error {
			h := nats.Header{"Nats-Schedule": {"@every 1s"}, "Nats-Schedule-Target": {"fairlead.status.cluster.eu-2.command.rejected"}}
			return quietly(m.send(status, "", h, []byte("x")))
		}, unheard},
	}
}

// forgeries: an own subject, with the words of another.
func forgeries() []attempt {
	sub := "fairlead.intents.cluster.eu-1.agent.started"
	return []attempt{
		{rights.Agent, "to say on its own subject what another says", func(s *stage, m *member) error { return m.say(sub, hello(other)) }, recognised},
		{rights.Agent, "to repeat another's signed words on its own subject", func(s *stage, m *member) error {
			msg := s.original(other)
			return m.send(sub, "", msg.Header, msg.Data)
		}, recognised},
		{rights.Agent, "to speak without a signature", func(_ *stage, m *member) error {
			_, h, body := plain(hello(own))
			return m.send(sub, "", h, body)
		}, recognised},
		{rights.Agent, "to change a word behind its signature", func(_ *stage, m *member) error {
			_, h, body := plain(hello(own))
			msg := &nats.Msg{Subject: sub, Header: h, Data: body}
			m.id.Signer.Sign(msg)
			return m.send(sub, "", msg.Header, []byte(fmt.Sprintf("%s ", body)))
		}, recognised},
		{rights.Agent, "to sign twice", func(_ *stage, m *member) error {
			_, h, body := plain(hello(own))
			msg := &nats.Msg{Subject: sub, Header: h, Data: body}
			m.id.Signer.Sign(msg)
			msg.Header[identity.HeaderSignature] = append(msg.Header[identity.HeaderSignature], "x")
			return m.send(sub, "", msg.Header, body)
		}, recognised},
		{rights.Agent, "to use another's grant with its own key", func(s *stage, m *member) error {
			_, h, body := plain(hello(own))
			msg := &nats.Msg{Subject: sub, Header: h, Data: body}
			m.id.Signer.Sign(msg)
			msg.Header[identity.HeaderGrant] = s.original(other).Header[identity.HeaderGrant]
			return m.send(sub, "", msg.Header, body)
		}, recognised},
		{rights.Agent, "to grant itself another's words", func(s *stage, m *member) error { return s.selfGranted(m, sub) }, recognised},
		{rights.Operator, "to speak for an agent, without its signature", func(_ *stage, m *member) error { return m.say("", hello(own)) }, recognised},
		{rights.Placement, "to append a record a second time, signed as it was", func(s *stage, m *member) error {
			return m.send(s.letter.Subject, "", stripped(s.letter.Header), s.letter.Data)
		}, recognised},
		{rights.Placement, "to append what it did not sign", func(_ *stage, m *member) error {
			e := command(other, 99)
			e.At = event.At{}
			subject, h, body := plain(e)
			return m.send(subject, "", h, body)
		}, recognised},
	}
}

// tenants: to act for another tenant, or as an operator.
func tenants() []attempt {
	return []attempt{
		{rights.Tenant, "to submit for another tenant", func(_ *stage, m *member) error { return m.say("", submission(otherTenant)) }, forbidden},
		{rights.Tenant, "to submit for another on its own subject", func(_ *stage, m *member) error {
			return m.say("fairlead.intents.tenant.shop.workload.withdrawn", submission(otherTenant))
		}, recognised},
		{rights.Tenant, "to submit as another's client", func(_ *stage, m *member) error {
			e := submission(ownTenant)
			e.Source = event.OperatorSource("ada")
			return m.say("", e)
		}, recognised},
		{rights.Tenant, "to ask about another tenant", func(_ *stage, m *member) error { return m.ask("fairlead.query.tenant.bank.workloads", "{}") }, forbidden},
		{rights.Tenant, "to ask about the fleet", func(_ *stage, m *member) error { return m.ask("fairlead.query.fleet.workloads", "{}") }, forbidden},
		{rights.Tenant, "to raise its own quota", func(_ *stage, m *member) error {
			return m.send("fairlead.intents.tenant.shop.quota.set", "", nil, []byte("{}"))
		}, forbidden},
		{rights.Tenant, "to release its own workload", func(_ *stage, m *member) error {
			return m.send("fairlead.intents.tenant.shop.workload.released", "", nil, []byte("{}"))
		}, forbidden},
		{rights.Tenant, "to speak for a cluster", func(_ *stage, m *member) error { return m.say("", hello(own)) }, forbidden},
		{rights.Tenant, "to listen to another tenant", func(_ *stage, m *member) error { return m.listen("fairlead.intents.tenant.bank.>") }, forbidden},
		{rights.Tenant, "to write by the acknowledgement of a wish", func(_ *stage, m *member) error {
			return m.send("fairlead.intents.tenant.shop.workload.withdrawn", "fairlead.intents.tenant.bank.workload.withdrawn", nil, []byte("x"))
		}, recognised},
	}
}

// readers: to write at all.
func readers() []attempt {
	pub := func(subject string) func(*stage, *member) error {
		return func(_ *stage, m *member) error { return m.send(subject, "", nil, []byte("{}")) }
	}
	direct := rights.API + ".DIRECT.GET.INTENTS"
	return []attempt{
		{rights.Reader, "to submit", pub("fairlead.intents.tenant.shop.workload.submitted"), forbidden},
		{rights.Reader, "to cordon a cluster", pub("fairlead.intents.cluster.eu-1.cluster.cordoned"), forbidden},
		{rights.Reader, "to report capacity", pub("fairlead.capacity.cluster.eu-1.cluster.capacity.reported"), forbidden},
		{rights.Reader, "to decide", pub("fairlead.placements.fleet.placement.epoch.started"), forbidden},
		{rights.Reader, "to delete a stream", pub("$JS.API.STREAM.DELETE.INTENTS"), forbidden},
		{rights.Reader, "to make a consumer", pub("$JS.API.CONSUMER.CREATE.INTENTS.mine"), forbidden},
		{rights.Reader, "to take a backup", pub("$JS.API.STREAM.SNAPSHOT.INTENTS"), forbidden},
		{rights.Reader, "to take a backup in the log's account", pub(rights.API + ".STREAM.SNAPSHOT.INTENTS"), forbidden},
		{rights.Reader, "to restore one in the log's account", pub(rights.API + ".STREAM.RESTORE.MINE"), forbidden},
		{rights.Reader, "to make a consumer in the log's account", pub(rights.API + ".CONSUMER.CREATE.INTENTS.mine"), forbidden},
		{rights.Reader, "by the answer to a reading, to delete a stream", func(_ *stage, m *member) error {
			return quietly(m.send(direct, "$JS.API.STREAM.DELETE.INTENTS", nil, []byte(`{"seq":999999}`)))
		}, unheard},
		{rights.Reader, "by the answer to a reading, to repeat a record", func(_ *stage, m *member) error {
			return quietly(m.send(direct, "fairlead.intents.cluster.eu-1.agent.started", nil, []byte(`{"seq":1}`)))
		}, unheard},
		{rights.Integration, "to pull another integration's records", func(_ *stage, m *member) error {
			return m.ask(rights.API+".CONSUMER.MSG.NEXT.PLACEMENTS."+stream.Subscription("audit"), "{}")
		}, forbidden},
		{rights.Integration, "to pull a cluster's commands", func(_ *stage, m *member) error {
			return m.ask(rights.API+".CONSUMER.MSG.NEXT.PLACEMENTS."+stream.Durable(own), "{}")
		}, forbidden},
		{rights.Integration, "to submit", pub("fairlead.intents.tenant.shop.workload.submitted"), forbidden},
	}
}
