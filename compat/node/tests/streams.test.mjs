import assert from "node:assert/strict";
import { test } from "node:test";
import { ANY, NO_STREAM, StreamDeletedError, StreamNotFoundError, WrongExpectedVersionError } from "@kurrent/kurrentdb-client";
import { collect, events, numbers, unique, withServer } from "./harness.mjs";

const it = await withServer();

test("metadata", async () => {
  const stream = unique();
  assert.equal((await it.client.getStreamMetadata(stream)).metadata, undefined);
  const metadata = { maxCount: 2, maxAge: 3600, cacheControl: 7, acl: { readRoles: ["$all"], writeRoles: ["$admins", "a"] }, owner: "ann 🙂" };
  const first = await it.client.setStreamMetadata(stream, metadata, { streamState: NO_STREAM });
  assert.equal(first.nextExpectedRevision, 0n);
  const got = await it.client.getStreamMetadata(stream);
  assert.equal(got.streamName, stream);
  assert.equal(got.metastreamRevision, first.position.commit); // so the client has it
  assert.deepEqual(got.metadata.maxCount, 2);
  assert.deepEqual(got.metadata.maxAge, 3600);
  assert.deepEqual(got.metadata.owner, "ann 🙂");
  assert.deepEqual(got.metadata.acl.writeRoles, ["$admins", "a"]);
  await it.client.appendToStream(stream, events(20));
  assert.deepEqual(numbers(await collect(it.client.readStream(stream))), [18, 19]);
  await assert.rejects(it.client.setStreamMetadata(stream, {}, { streamState: 7n }), WrongExpectedVersionError);
});

test("delete a stream and use it again", async () => {
  const stream = unique();
  const { position } = await it.client.appendToStream(stream, events(2));
  const gone = await it.client.deleteStream(stream, { expectedRevision: 1n });
  assert.ok(gone.position.commit > position.commit);
  await assert.rejects(collect(it.client.readStream(stream)), StreamNotFoundError);
  const again = await it.client.appendToStream(stream, events(3), { streamState: NO_STREAM });
  assert.equal(again.nextExpectedRevision, 4n);
  assert.deepEqual(numbers(await collect(it.client.readStream(stream))), [2, 3, 4]);
  const { metadata } = await it.client.getStreamMetadata(stream);
  assert.equal(metadata.truncateBefore, 2);
});

test("delete what stands elsewhere", async () => {
  const stream = unique();
  await it.client.appendToStream(stream, events(2));
  for (const remove of ["deleteStream", "tombstoneStream"]) {
    await assert.rejects(it.client[remove](stream, { expectedRevision: 9n }), (error) => {
      assert.ok(error instanceof WrongExpectedVersionError, String(error));
      assert.deepEqual([error.streamName, error.expectedState, error.actualState], [stream, 9n, 1n]);
      return true;
    });
  }
});

test("tombstone a stream", async () => {
  const stream = unique();
  await it.client.appendToStream(stream, events(2));
  const { position } = await it.client.tombstoneStream(stream, { expectedRevision: ANY });
  assert.ok(position.commit > 0n);
  const deleted = (error) => {
    assert.ok(error instanceof StreamDeletedError, String(error));
    assert.equal(error.streamName, stream);
    return true;
  };
  await assert.rejects(collect(it.client.readStream(stream)), deleted);
  await assert.rejects(it.client.appendToStream(stream, events(1)), deleted);
  await assert.rejects(it.client.tombstoneStream(stream), deleted);
  await assert.rejects(it.client.deleteStream(stream), deleted);
});
