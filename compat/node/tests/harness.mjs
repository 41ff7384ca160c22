// What every file of tests begins with: a server of its own and a client.
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { KurrentDBClient, jsonEvent } from "@kurrent/kurrentdb-client";
import { serve } from "../server.mjs";

// withServer gives the tests of a file a server without encryption.
export async function withServer(...args) {
  const server = await serve("--insecure", ...args);
  const client = KurrentDBClient.connectionString(`kurrentdb://${server.address}?tls=false`);
  after(async () => {
    await client.dispose();
    await server.stop();
  });
  return { server, client };
}

// unique is a name that no other test has.
export const unique = (prefix = "s") => `${prefix}-${randomUUID()}`;

// events makes as many events, numbered from 0.
export const events = (count, type = "tested") =>
  Array.from({ length: count }, (_, n) => jsonEvent({ type, data: { n }, metadata: { by: "test" } }));

// collect reads to the end.
export async function collect(read) {
  const all = [];
  for await (const resolved of read) all.push(resolved);
  return all;
}

// numbers are the revisions of what was read.
export const numbers = (all) => all.map(({ event }) => Number(event.revision));

// follow collects from a subscription until enough is there, and returns what
// came in order: events, and "caughtUp" between them.
export function follow(subscription, enough) {
  const seen = [];
  return new Promise((resolve, reject) => {
    const note = async (what) => {
      seen.push(what);
      if (enough(seen)) {
        await subscription.unsubscribe();
        resolve(seen);
      }
    };
    subscription.on("error", reject);
    subscription.on("caughtUp", () => note("caughtUp"));
    subscription.on("data", note);
  });
}
