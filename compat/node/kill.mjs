// Kills the server while a client appends, round after round, and then looks for
// every event that was acknowledged: once, where it was said to be, and as it was
// written. What was not acknowledged is tried again and must not be there twice.
//
//   node kill.mjs --rounds 5 --writers 8
import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ANY, KurrentDBClient, NO_STREAM, StreamNotFoundError, jsonEvent } from "@kurrent/kurrentdb-client";
import { serve, temporary } from "./server.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, writers: { type: "string", default: "8" } } });
const rounds = Number(values.rounds);
const store = join(temporary(), "store");
let last; // the client in use, which the process must not leave open

// A Writer appends to a stream of its own: the even ones say where they expect
// it, the odd ones do not.
class Writer {
  acknowledged = []; // by revision
  pending; // the append that got no answer

  constructor(number) {
    this.stream = `writer-${number}`;
    this.exact = number % 2 === 0;
  }

  // write appends until the server is gone.
  async write(client, acknowledge) {
    for (;;) {
      this.pending ??= Array.from({ length: randomInt(1, 6) }, () =>
        jsonEvent({ id: randomUUID(), type: "written", data: { text: "x".repeat(randomInt(2000)), by: this.stream } }));
      const expected = this.acknowledged.length === 0 ? NO_STREAM : BigInt(this.acknowledged.length - 1);
      let result;
      try {
        result = await client.appendToStream(this.stream, this.pending, { streamState: this.exact ? expected : ANY });
      } catch (error) {
        if (error.type === "wrong-expected-version") throw error;
        return;
      }
      assert.equal(result.nextExpectedRevision, BigInt(this.acknowledged.length + this.pending.length - 1), this.stream);
      this.acknowledged.push(...this.pending);
      this.pending = undefined;
      acknowledge();
    }
  }

  // check reads the stream back. The append that was under way may be there, whole.
  async check(client) {
    const found = [];
    try {
      for await (const { event } of client.readStream(this.stream)) found.push(event);
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
    const unsure = found.length > this.acknowledged.length ? (this.pending ?? []) : [];
    const wanted = [...this.acknowledged, ...unsure];
    assert.equal(found.length, wanted.length, `${this.stream} has ${found.length} events of ${wanted.length}`);
    found.forEach((event, n) => {
      assert.deepEqual([Number(event.revision), event.id, event.data], [n, wanted[n].id, wanted[n].data], this.stream);
    });
    if (!this.exact && unsure.length > 0) {
      this.acknowledged = wanted; // nothing tells a repeated append apart, once the server forgot what it saw
      this.pending = undefined;
    }
    return found.length;
  }
}

const writers = Array.from({ length: Number(values.writers) }, (_, number) => new Writer(number));

async function connect(server) {
  await last?.dispose();
  last = KurrentDBClient.connectionString(`kurrentdb://${server.address}?tls=false`);
  return last;
}

for (let round = 1; round <= rounds; round++) {
  const server = await serve("--insecure", "--store", store);
  const client = await connect(server);
  for (const writer of writers) await writer.check(client);
  let left = randomInt(50, 600);
  let killed;
  const acknowledge = () => {
    if (--left === 0) killed = server.kill();
  };
  await Promise.all(writers.map((writer) => writer.write(client, acknowledge)));
  assert.ok(killed, `the server was not killed, yet the writers ended:\n${server.output}`);
  await killed;
  const events = writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  console.log(`round ${round}: killed; ${events} events are acknowledged`);
}

const server = await serve("--insecure", "--store", store);
const client = await connect(server);
let total = 0;
for (const writer of writers) total += await writer.check(client);
await client.dispose();
await server.stop();
console.log(`all are there; ${total} events in all`);
