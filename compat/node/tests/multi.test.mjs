import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ANY, AppendConsistencyViolationError, AppendRecordSizeExceededError, NO_STREAM, STREAM_EXISTS, STREAM_STATE, StreamTombstonedError,
  TransactionMaxSizeExceededError, WrongExpectedVersionError, binaryEvent, jsonEvent,
} from "@kurrent/kurrentdb-client";
import { collect, events, numbers, unique, withServer } from "./harness.mjs";

const it = await withServer("--max-append-event-size", "100K", "--max-append-size", "250K");
const record = (streamName, event = events(1)[0]) => ({ streamName, record: event });
const check = (streamName, expectedState) => ({ type: STREAM_STATE, streamName, expectedState });

test("append to several streams", async () => {
  const [a, b] = [unique("a"), unique("b")];
  const result = await it.client.multiStreamAppend([
    { streamName: a, expectedState: NO_STREAM, events: events(2) },
    { streamName: b, expectedState: ANY, events: [binaryEvent({ type: "raw", data: Buffer.from("x") })] },
  ]);
  assert.ok(result.position > 0n);
  assert.deepEqual(result.responses, [{ streamName: a, revision: 1n }, { streamName: b, revision: 0n }]);
  const [{ event }] = await collect(it.client.readStream(a));
  assert.deepEqual(event.metadata, { by: "test", "$schema.name": "tested", "$schema.format": "Json" });
  assert.deepEqual(event.data, { n: 0 });
  const [raw] = await collect(it.client.readStream(b));
  assert.equal(raw.event.isJson, false);
  assert.equal(Buffer.from(raw.event.data).toString(), "x");
  assert.deepEqual(raw.event.metadata, { "$schema.name": "raw", "$schema.format": "Bytes" });
});

test("append to several streams, one of which stands elsewhere", async () => {
  const [a, b] = [unique("a"), unique("b")];
  await it.client.appendToStream(b, events(3));
  const requests = [
    { streamName: a, expectedState: ANY, events: events(1) },
    { streamName: b, expectedState: NO_STREAM, events: events(1) },
  ];
  await assert.rejects(it.client.multiStreamAppend(requests), (error) => {
    assert.ok(error instanceof WrongExpectedVersionError, String(error));
    assert.deepEqual([error.streamName, error.expectedState, error.actualState], [b, NO_STREAM, 2n]);
    return true;
  });
  await it.client.tombstoneStream(b);
  await assert.rejects(it.client.multiStreamAppend(requests), (error) => {
    assert.ok(error instanceof StreamTombstonedError, String(error));
    assert.equal(error.stream, b);
    return true;
  });
  assert.equal((await collect(it.client.readAll())).filter(({ event }) => event.streamId === a).length, 0);
});

test("append records in turn", async () => {
  const [a, b] = [unique("a"), unique("b")];
  const result = await it.client.appendRecords([a, b, a, b, a].map((stream) => record(stream)), [check(a, NO_STREAM)]);
  assert.deepEqual(result.responses, [{ streamName: a, revision: 2n }, { streamName: b, revision: 1n }]);
  assert.deepEqual(numbers(await collect(it.client.readStream(a))), [0, 1, 2]);
});

test("records whose checks fail", async () => {
  const [live, missing, deleted, dead] = ["live", "missing", "deleted", "dead"].map(unique);
  for (const stream of [live, deleted, dead]) await it.client.appendToStream(stream, events(3));
  await it.client.deleteStream(deleted);
  await it.client.tombstoneStream(dead);
  const checks = [check(live, 0n), check(missing, STREAM_EXISTS), check(deleted, STREAM_EXISTS), check(dead, 2n), check(unique(), NO_STREAM)];
  await assert.rejects(it.client.appendRecords([record(live)], checks), (error) => {
    assert.ok(error instanceof AppendConsistencyViolationError, String(error));
    assert.deepEqual(error.violations, [
      { checkIndex: 0, streamName: live, expectedState: 0n, actualState: 2n },
      { checkIndex: 1, streamName: missing, expectedState: STREAM_EXISTS, actualState: NO_STREAM },
      { checkIndex: 2, streamName: deleted, expectedState: STREAM_EXISTS, actualState: -5n },
      { checkIndex: 3, streamName: dead, expectedState: 2n, actualState: -6n },
    ]);
    return true;
  });
  await it.client.appendRecords([record(live)], [check(live, 2n), check(missing, NO_STREAM), check(deleted, -5n), check(dead, -6n)]);
});

test("records that make no sense", async () => {
  for (const [records, checks] of [
    [[]],
    [[record("")]],
    [[record(unique())], [check("s", ANY)]],
    [[record(unique())], [check("s", 0n), check("S", 0n)]],
    [[record(unique(), jsonEvent({ type: "not a name", data: {} }))]],
  ]) {
    await assert.rejects(it.client.appendRecords(records, checks), (error) => /INVALID_ARGUMENT/.test(error.message));
  }
});

test("records that are too large", async () => {
  const sized = (bytes) => binaryEvent({ type: "large", data: Buffer.alloc(bytes) });
  const large = sized(101 * 1024);
  await assert.rejects(it.client.appendRecords([record("s", large)]), (error) => {
    assert.ok(error instanceof AppendRecordSizeExceededError, String(error));
    assert.deepEqual([error.stream, error.recordId, error.maxSize], ["s", large.id, 100 * 1024]);
    return true;
  });
  const whole = [sized(90 * 1024), sized(90 * 1024), sized(90 * 1024)];
  await assert.rejects(it.client.multiStreamAppend([{ streamName: "s", expectedState: ANY, events: whole }]), (error) => {
    assert.ok(error instanceof TransactionMaxSizeExceededError, String(error));
    assert.equal(error.maxSize, 250 * 1024);
    return true;
  });
});
