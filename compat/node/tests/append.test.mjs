import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  KurrentDBClient, NO_STREAM, START, STREAM_EXISTS, StreamDeletedError, WrongExpectedVersionError, binaryEvent, jsonEvent,
} from "@kurrent/kurrentdb-client";
import { collect, events, numbers, unique, withServer } from "./harness.mjs";

const it = await withServer();
// Credentials of a call's own make the client use the plain call instead of the
// shared one for batches.
const ways = { "in batches": {}, "by itself": { credentials: { username: "admin", password: "changeit" } } };

for (const [name, options] of Object.entries(ways)) {
  test(`append ${name}`, async () => {
    const stream = unique();
    const first = await it.client.appendToStream(stream, events(3), { streamState: NO_STREAM, ...options });
    assert.equal(first.success, true);
    assert.equal(first.nextExpectedRevision, 2n);
    const second = await it.client.appendToStream(stream, events(1), { streamState: 2n, ...options });
    assert.equal(second.nextExpectedRevision, 3n);
    assert.ok(second.position.commit > first.position.commit);
    assert.equal(second.position.commit, second.position.prepare);
    assert.deepEqual(numbers(await collect(it.client.readStream(stream))), [0, 1, 2, 3]);
  });

  test(`an append ${name} is repeated`, async () => {
    const stream = unique();
    const batch = events(4);
    const first = await it.client.appendToStream(stream, batch, { streamState: NO_STREAM, ...options });
    const again = await it.client.appendToStream(stream, batch, { streamState: NO_STREAM, ...options });
    assert.deepEqual(again, first);
    assert.equal((await it.client.appendToStream(stream, batch, options)).nextExpectedRevision, 3n);
    assert.equal((await collect(it.client.readStream(stream))).length, 4);
  });

  test(`an append ${name} that was wrong about its stream`, async () => {
    const stream = unique();
    const wrong = async (expectedState, actualState) =>
      assert.rejects(it.client.appendToStream(stream, events(1), { streamState: expectedState, ...options }), (error) => {
        assert.ok(error instanceof WrongExpectedVersionError, String(error));
        assert.deepEqual([error.streamName, error.expectedState, error.actualState], [stream, expectedState, actualState]);
        return true;
      });
    await wrong(STREAM_EXISTS, NO_STREAM);
    await wrong(7n, NO_STREAM);
    await it.client.appendToStream(stream, events(3), options);
    await wrong(NO_STREAM, 2n);
    await wrong(9n, 2n);
    await wrong(0n, 2n);
    const quiet = KurrentDBClient.connectionString(`kurrentdb://${it.server.address}?tls=false&throwOnAppendFailure=false`);
    const result = await quiet.appendToStream(stream, events(1), { streamState: 9n, ...options });
    assert.equal(result.success, false);
    await quiet.dispose();
  });

  test(`an append ${name} to a tombstoned stream`, async () => {
    const stream = unique();
    await it.client.tombstoneStream(stream);
    await assert.rejects(it.client.appendToStream(stream, events(1), options), (error) => {
      assert.ok(error instanceof StreamDeletedError, String(error));
      assert.equal(error.streamName, stream);
      return true;
    });
  });
}

test("what is read is what was written", async () => {
  const stream = unique("käse 🧀/");
  const id = randomUUID();
  const data = { text: "ünïcödé \u0001\u2028", deep: [{ a: null }] };
  const { position } = await it.client.appendToStream(stream, [
    jsonEvent({ id, type: "json", data, metadata: { key: "value" } }),
    binaryEvent({ type: "binary", data: Buffer.from([0, 255, 1]), metadata: Buffer.from([9]) }),
    jsonEvent({ type: "bare", data: {} }),
  ]);
  const [json, binary, bare] = (await collect(it.client.readStream(stream, { fromRevision: START }))).map(({ event }) => event);
  assert.equal(json.streamId, stream);
  assert.equal(json.id, id);
  assert.equal(json.isJson, true);
  assert.deepEqual(json.data, data);
  assert.deepEqual(json.metadata, { key: "value" });
  assert.ok(Math.abs(json.created.valueOf() - Date.now()) < 60_000);
  assert.equal(binary.isJson, false);
  assert.deepEqual([...binary.data], [0, 255, 1]);
  assert.deepEqual([...binary.metadata], [9]);
  assert.equal(bare.metadata, undefined);
  assert.equal(bare.position.commit, position.commit);
});

test("many appends at once", async () => {
  const streams = Array.from({ length: 50 }, () => unique());
  const results = await Promise.all(streams.flatMap((stream) => [0, 1, 2, 3].map(() => it.client.appendToStream(stream, events(5)))));
  assert.equal(new Set(results.map(({ position }) => position.commit)).size, 200);
  for (const stream of streams) assert.equal((await collect(it.client.readStream(stream))).length, 20);
});

test("a batch that takes several messages", async () => {
  const stream = unique();
  const text = "x".repeat(100_000);
  const large = Array.from({ length: 60 }, (_, n) => jsonEvent({ type: "large", data: { n, text } }));
  const { nextExpectedRevision } = await it.client.appendToStream(stream, large, { batchAppendSize: 256 * 1024 });
  assert.equal(nextExpectedRevision, 59n);
  const all = await collect(it.client.readStream(stream));
  assert.deepEqual(all.map(({ event }) => event.data.n), large.map(({ data }) => data.n));
});
