import assert from "node:assert/strict";
import { test } from "node:test";
import { END, START, StreamDeletedError, eventTypeFilter, excludeSystemEvents, streamNameFilter } from "@kurrent/kurrentdb-client";
import { events, follow, unique, withServer } from "./harness.mjs";

const it = await withServer();
const short = (seen) => seen.map((s) => (s === "caughtUp" ? s : Number(s.event.revision)));

for (const [name, from, before_, want] of [
  ["from the start", START, 4, [0, 1, 2, 3, "caughtUp", 4, 5]],
  ["behind a revision", 2n, 4, [3, "caughtUp", 4, 5]],
  ["from the end", END, 4, ["caughtUp", 4, 5]],
  ["that is not there yet", START, 0, ["caughtUp", 0, 1]],
]) {
  test(`follow a stream ${name}`, async () => {
    const stream = unique();
    if (before_ > 0) await it.client.appendToStream(stream, events(before_));
    const subscription = it.client.subscribeToStream(stream, { fromRevision: from });
    subscription.once("caughtUp", () => it.client.appendToStream(stream, events(2)));
    assert.deepEqual(short(await follow(subscription, (seen) => seen.length === want.length)), want);
    assert.match(subscription.id, /^[0-9a-f-]{36}$/);
  });
}

test("follow a stream to its tombstone", async () => {
  const stream = unique();
  await it.client.appendToStream(stream, events(1));
  const subscription = it.client.subscribeToStream(stream);
  subscription.once("caughtUp", () => it.client.tombstoneStream(stream));
  await assert.rejects(follow(subscription, () => false), (error) => {
    assert.ok(error instanceof StreamDeletedError, String(error));
    assert.equal(error.streamName, stream);
    return true;
  });
});

test("follow the log behind a position", async () => {
  const stream = unique();
  const { position } = await it.client.appendToStream(stream, events(3));
  const subscription = it.client.subscribeToAll({ fromPosition: position });
  subscription.once("caughtUp", () => it.client.appendToStream(stream, events(2)));
  assert.deepEqual(short(await follow(subscription, (seen) => seen.length === 3)), ["caughtUp", 3, 4]);
});

for (const [name, filter] of [
  ["streams", (stream, options) => streamNameFilter({ prefixes: [stream], ...options })],
  ["types", (stream, options) => eventTypeFilter({ regex: `^${stream}$`, ...options })],
]) {
  test(`follow some ${name} of the log, with checkpoints`, async () => {
    const stream = unique("chosen");
    const checkpoints = [];
    const options = { checkpointInterval: 1, maxSearchWindow: 32, checkpointReached: (_, position) => void checkpoints.push(position.commit) };
    for (let n = 0; n < 10; n++) {
      await it.client.appendToStream(stream, events(1, stream));
      await it.client.appendToStream(unique("other"), events(30));
    }
    const subscription = it.client.subscribeToAll({ filter: filter(stream, options) });
    subscription.once("caughtUp", () => it.client.appendToStream(stream, events(1, stream)));
    const seen = await follow(subscription, (seen) => seen.length === 12);
    assert.deepEqual(short(seen), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "caughtUp", 10]);
    assert.ok(checkpoints.length >= 8, `${checkpoints.length} checkpoints`);
    assert.deepEqual(checkpoints, [...new Set(checkpoints)].sort((a, b) => Number(a - b)), "they repeat or go back");
  });
}

test("follow what is not the system's", async () => {
  const stream = unique();
  const subscription = it.client.subscribeToAll({ fromPosition: END, filter: excludeSystemEvents() });
  subscription.once("caughtUp", async () => {
    await it.client.setStreamMetadata(stream, { maxCount: 5 });
    await it.client.appendToStream(stream, events(2));
  });
  const seen = await follow(subscription, (seen) => seen.length === 3);
  assert.deepEqual(seen.slice(1).map(({ event }) => event.streamId), [stream, stream]);
});

test("many followers of a busy stream", async () => {
  const stream = unique();
  const followers = Array.from({ length: 10 }, () =>
    follow(it.client.subscribeToStream(stream), (seen) => seen.filter((s) => s !== "caughtUp").length === 500));
  for (let n = 0; n < 50; n++) await it.client.appendToStream(stream, events(10));
  for (const seen of await Promise.all(followers)) {
    assert.deepEqual(seen.filter((s) => s !== "caughtUp").map(({ event }) => Number(event.revision)), Array.from({ length: 500 }, (_, n) => n));
  }
});
