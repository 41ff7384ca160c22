import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BACKWARDS, END, FORWARDS, START, StreamDeletedError, StreamNotFoundError, eventTypeFilter, excludeSystemEvents, jsonEvent, streamNameFilter,
} from "@kurrent/kurrentdb-client";
import { collect, events, numbers, unique, withServer } from "./harness.mjs";

const it = await withServer();
const stream = unique("order");

await it.client.appendToStream(stream, events(10, "order.placed"));
await it.client.appendToStream(unique("invoice"), events(3, "invoice.sent"));

for (const [name, options, want] of [
  ["from the start", {}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ["some from the start", { maxCount: 3 }, [0, 1, 2]],
  ["from a revision", { fromRevision: 7n }, [7, 8, 9]],
  ["from behind the end", { fromRevision: 20n }, []],
  ["backwards from the end", { direction: BACKWARDS, fromRevision: END, maxCount: 3 }, [9, 8, 7]],
  ["backwards from a revision", { direction: BACKWARDS, fromRevision: 2n }, [2, 1, 0]],
  ["backwards from the first", { direction: BACKWARDS, fromRevision: 0n }, [0]],
]) {
  test(`read a stream ${name}`, async () => {
    assert.deepEqual(numbers(await collect(it.client.readStream(stream, options))), want);
  });
}

test("read a stream that is not there", async () => {
  const missing = unique();
  await assert.rejects(collect(it.client.readStream(missing)), (error) => {
    assert.ok(error instanceof StreamNotFoundError, String(error));
    assert.equal(error.streamName, missing);
    return true;
  });
  await it.client.tombstoneStream(missing);
  await assert.rejects(collect(it.client.readStream(missing)), (error) => {
    assert.ok(error instanceof StreamDeletedError, String(error));
    return true;
  });
});

test("read the log both ways", async () => {
  const forwards = await collect(it.client.readAll({ direction: FORWARDS }));
  const backwards = await collect(it.client.readAll({ direction: BACKWARDS, fromPosition: END }));
  const ids = (all) => all.map(({ event }) => event.id);
  assert.ok(forwards.length >= 13);
  assert.deepEqual(ids(backwards.reverse()), ids(forwards));
  const [third] = await collect(it.client.readAll({ fromPosition: forwards[2].event.position, maxCount: 1 }));
  assert.equal(third.event.id, forwards[2].event.id);
  const before = await collect(it.client.readAll({ direction: BACKWARDS, fromPosition: forwards[2].event.position }));
  assert.deepEqual(ids(before), ids(forwards.slice(0, 2).reverse()));
});

for (const [name, filter, want] of [
  ["a stream's prefix", streamNameFilter({ prefixes: ["order-", "nothing-"] }), ["order.placed"]],
  ["a type's prefix", eventTypeFilter({ prefixes: ["invoice."] }), ["invoice.sent"]],
  ["a stream's expression", streamNameFilter({ regex: "^inv.*-" }), ["invoice.sent"]],
  ["a type's expression", eventTypeFilter({ regex: "\\.(placed|sent)$" }), ["invoice.sent", "order.placed"]],
  ["an expression that looks ahead", eventTypeFilter({ regex: "^(?!order)[a-z]" }), ["invoice.sent"]],
  ["what is not the system's", excludeSystemEvents(), ["invoice.sent", "order.placed"]],
]) {
  test(`read the log, only ${name}`, async () => {
    const all = await collect(it.client.readAll({ filter }));
    assert.deepEqual([...new Set(all.map(({ event }) => event.type))].sort(), want);
    assert.equal(all.length, want.includes("order.placed") ? (want.length === 2 ? 13 : 10) : 3);
  });
}

test("links, and the streams of a category and of a type", async () => {
  const links = unique("links");
  await it.client.appendToStream(links, [
    jsonEvent({ type: "$>", data: `3@${stream}` }),
    jsonEvent({ type: "$>", data: `99@${stream}` }),
  ].map((link) => ({ ...link, contentType: "application/octet-stream", data: Buffer.from(link.data) })));
  const [there, gone] = await collect(it.client.readStream(links, { resolveLinkTos: true }));
  assert.equal(there.event.revision, 3n);
  assert.equal(there.event.streamId, stream);
  assert.equal(there.link.streamId, links);
  assert.equal(gone.event, undefined);
  assert.equal(gone.link.revision, 1n);

  const category = await collect(it.client.readStream("$ce-order", { resolveLinkTos: true, fromRevision: START }));
  assert.deepEqual(numbers(category), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(category[0].link.streamId, "$ce-order");
  const type = await collect(it.client.readStream("$et-invoice.sent", { resolveLinkTos: true }));
  assert.equal(type.length, 3);
  assert.equal(type[0].event.type, "invoice.sent");
});
