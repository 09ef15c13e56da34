// A client of Fairlead that shares no code with it: the SDKs of CloudEvents and NATS
// for JavaScript, used as their own documentation says.
//
//   node client.mjs publish URL          publishes workloads given on stdin, one JSON
//                                        object a line, in both content modes
//   node client.mjs read URL STREAM N    prints the first N events of a stream, one
//                                        JSON object a line
import { createInterface } from "node:readline";
import { connect, headers } from "@nats-io/transport-node";
import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { CloudEvent, HTTP } from "cloudevents";

const [command, url, ...rest] = process.argv.slice(2);
const commands = { publish, read };
if (!commands[command]) {
  console.error(`unknown command ${command}`);
  process.exit(2);
}
const nc = await connect({ servers: url });
try {
  await commands[command](...rest);
} finally {
  await nc.close();
}

async function publish() {
  const js = jetstream(nc);
  for await (const line of createInterface({ input: process.stdin })) {
    const { mode, subject, attributes, data } = JSON.parse(line);
    const event = new CloudEvent({ ...attributes, data });
    const message = mode === "binary" ? HTTP.binary(event) : HTTP.structured(event);
    const h = headers();
    for (const [name, value] of Object.entries(message.headers)) h.set(name, String(value));
    const ack = await js.publish(subject, message.body, { headers: h });
    console.log(JSON.stringify({ stream: ack.stream, sequence: ack.seq }));
  }
}

async function read(stream, count) {
  const consumer = await jetstream(nc).consumers.get(stream, { deliver_policy: DeliverPolicy.All });
  let left = Number(count);
  for await (const m of await consumer.consume()) {
    console.log(JSON.stringify(shown(m)));
    if (--left === 0) break;
  }
}

// shown is what the SDK makes of a message: attributes and data apart.
function shown(m) {
  const plain = Object.fromEntries(m.headers.keys().map((name) => [name, m.headers.last(name)]));
  const event = HTTP.toEvent({ headers: plain, body: m.string() });
  event.validate();
  const { data, ...attributes } = event.toJSON();
  return { subject: m.subject, attributes, data };
}
