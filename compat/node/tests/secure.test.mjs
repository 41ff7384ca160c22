import assert from "node:assert/strict";
import { get } from "node:https";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { AccessDeniedError, KurrentDBClient } from "@kurrent/kurrentdb-client";
import { certificates, serve } from "../server.mjs";
import { collect, events, unique } from "./harness.mjs";

const files = certificates();
const clients = [];
let server;

// connect makes a client; who is the part of the address before the host.
function connect(who, { ca = files.ca, scheme = "kurrentdb", host = server.address.replace(/^.*:/, "localhost:") } = {}) {
  const client = KurrentDBClient.connectionString(`${scheme}://${who}${host}?tls=true&tlsCaFile=${ca}&maxDiscoverAttempts=2`);
  clients.push(client);
  return client;
}

before(async () => {
  server = await serve("--tls-cert", files.cert, "--tls-key", files.key, "--admin-password", "changeit");
});

after(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await server.stop();
});

test("a user with a password", async () => {
  const client = connect("admin:changeit@");
  const stream = unique();
  await client.appendToStream(stream, events(2));
  assert.equal((await collect(client.readStream(stream))).length, 2);
  assert.ok((await collect(client.readAll())).length > 2);
});

test("a wrong password", async () => {
  const client = connect("admin:wrong@");
  await assert.rejects(client.appendToStream(unique(), events(1)), AccessDeniedError);
  await assert.rejects(collect(client.readStream(unique())), AccessDeniedError);
});

test("nobody", async () => {
  const client = connect("");
  await assert.rejects(client.appendToStream(unique(), events(1)), AccessDeniedError);
  await assert.rejects(collect(client.readAll()), AccessDeniedError);
});

test("credentials of a call's own", async () => {
  const credentials = { username: "admin", password: "changeit" };
  const stream = unique();
  await connect("").appendToStream(stream, events(1), { credentials });
  await assert.rejects(connect("admin:changeit@").appendToStream(stream, events(1), { credentials: { ...credentials, password: "wrong" } }), AccessDeniedError);
  await assert.rejects(connect("").appendToStream(stream, events(1), { credentials: { bearerToken: "nobody" } }), AccessDeniedError);
});

test("what the metadata of a stream allows", async () => {
  const admin = connect("admin:changeit@");
  const ops = connect("ops:changeit@");
  const stream = unique();
  await admin.appendToStream(stream, events(1));
  assert.equal((await collect(ops.readStream(stream))).length, 1);
  await admin.setStreamMetadata(stream, { acl: { readRoles: ["$admins"], writeRoles: ["ops"] } });
  await assert.rejects(collect(ops.readStream(stream)), AccessDeniedError);
  await ops.appendToStream(stream, events(1));
  const write = (client) => client.multiStreamAppend([{ streamName: stream, expectedState: "any", events: events(1) }]);
  await write(ops);
  const checked = (streamName) => ops.appendRecords([{ streamName: unique(), record: events(1)[0] }], [{ type: "stream_state", streamName, expectedState: "stream_exists" }]);
  await assert.rejects(checked(stream), AccessDeniedError);
  await admin.setStreamMetadata(stream, { acl: { readRoles: ["ops"], writeRoles: ["$admins"] } });
  await assert.rejects(write(ops), AccessDeniedError);
  await checked(stream);
});

test("an authority that did not vouch for the server", async () => {
  const client = connect("admin:changeit@", { ca: files.other });
  await assert.rejects(client.appendToStream(unique(), events(1)), /UNAVAILABLE.*certificate/);
});

test("a server that is discovered", async () => {
  const client = connect("admin:changeit@", { scheme: "kurrentdb+discover" });
  assert.equal((await client.appendToStream(unique(), events(1))).success, true);
});

test("over HTTP", async () => {
  const ask = (path, auth) => new Promise((done, failed) => {
    get(`https://localhost:${server.address.replace(/^.*:/, "")}${path}`, { ca: readFileSync(files.ca), auth }, (response) => {
      let body = "";
      response.on("data", (text) => (body += text)).on("end", () => done({ status: response.statusCode, body, challenge: response.headers["www-authenticate"] }));
    }).on("error", failed);
  });
  assert.deepEqual(JSON.parse((await ask("/ping")).body), { text: "Ping request successfully handled" });
  const { status, challenge } = await ask("/stats");
  assert.deepEqual([status, challenge], [401, 'X-Basic realm="ESDB"']);
  assert.equal((await ask("/stats", "ops:changeit")).status, 200);
  assert.equal((await ask("/nothing", "ops:changeit")).status, 404);
});
