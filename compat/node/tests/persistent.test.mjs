import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  END, KurrentDBClient, PARK, PINNED, PersistentSubscriptionDoesNotExistError, PersistentSubscriptionDroppedError,
  PersistentSubscriptionExistsError, PersistentSubscriptionFailedError, PersistentSubscriptionMaximumSubscribersReachedError, RETRY, SKIP, START,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as settings, streamNameFilter,
} from "@kurrent/kurrentdb-client";
import { serve, temporary } from "../server.mjs";
import { events, unique, withServer } from "./harness.mjs";

const it = await withServer();

// share collects from a subscription and answers by handle, until enough is there.
function share(subscription, handle, enough) {
  const seen = [];
  return new Promise((resolve, reject) => {
    subscription.on("error", reject);
    subscription.on("data", async (resolved) => {
      seen.push(resolved);
      await handle(resolved, seen.length - 1);
      if (seen.length === enough) resolve(seen);
    });
  });
}

// toTheEnd waits until what was answered has been sent.
const toTheEnd = async (subscription) => {
  await pause(50);
  await subscription.unsubscribe();
};
const numbers = (seen) => seen.map(({ event }) => event.data.n);
const counts = (seen) => seen.map(({ event, retryCount }) => `${event.data.n}+${retryCount}`);

// created makes a group over a stream of its own with some events.
async function created(count, options = {}) {
  const [stream, group] = [unique(), unique("group")];
  if (count > 0) await it.client.appendToStream(stream, events(count));
  await it.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START, ...options }));
  return { stream, group, join: (more) => it.client.subscribeToPersistentSubscriptionToStream(stream, group, more) };
}

async function until(what, ok) {
  for (const end = Date.now() + 20_000; !(await ok()); await pause(20)) assert.ok(Date.now() < end, what);
}

test("share a stream, what is there and what comes", async () => {
  const { stream, group, join } = await created(20);
  const subscription = join();
  const all = share(subscription, (e) => subscription.ack(e), 30);
  await it.client.appendToStream(stream, events(10));
  assert.deepEqual(numbers(await all), [...Array(20).keys(), ...Array(10).keys()]);
  await toTheEnd(subscription);
  const again = it.client.subscribeToPersistentSubscriptionToStream(stream, group);
  const rest = share(again, (e) => again.ack(e), 1);
  await it.client.appendToStream(stream, events(1));
  assert.equal((await rest)[0].event.revision, 30n, "it goes on behind what was acknowledged");
  await again.unsubscribe();
});

test("two consumers take turns, each event once", async () => {
  const { stream, join } = await created(0);
  const seen = [];
  const both = [join(), join()];
  const counted = both.map(() => 0);
  const done = new Promise((resolve, reject) => both.forEach((subscription, i) => {
    subscription.on("error", reject);
    subscription.on("data", async (e) => {
      seen.push(Number(e.event.revision));
      counted[i]++;
      await subscription.ack(e);
      if (seen.length === 40) resolve();
    });
  }));
  await Promise.all(both.map((subscription) => new Promise((ready) => subscription.once("confirmation", ready))));
  await it.client.appendToStream(stream, events(40));
  await done;
  assert.deepEqual(seen.sort((a, b) => a - b), [...Array(40).keys()]);
  assert.ok(Math.min(...counted) > 0, `${counted}`);
  await Promise.all(both.map((s) => s.unsubscribe()));
});

test("the end is where it was when the group was created", async () => {
  const { stream, join } = await created(5, { startFrom: END });
  await it.client.appendToStream(stream, events(2));
  const subscription = join();
  const seen = await share(subscription, (e) => subscription.ack(e), 2);
  assert.deepEqual(seen.map(({ event }) => event.revision), [5n, 6n]);
  await subscription.unsubscribe();
});

test("retry, skip and park", async () => {
  const { stream, group, join } = await created(3, { maxRetryCount: 2 });
  const subscription = join({ bufferSize: 1 });
  const seen = await share(subscription, (e) => {
    if (e.event.data.n === 0) return subscription.nack(RETRY, "again", e);
    return e.event.data.n === 1 ? subscription.nack(SKIP, "not that", e) : subscription.nack(PARK, "later", e);
  }, 5);
  assert.deepEqual(counts(seen), ["0+0", "0+1", "0+2", "1+0", "2+0"]);
  await until("two are parked", async () =>
    (await it.client.getPersistentSubscriptionToStreamInfo(stream, group)).stats.parkedMessageCount === 2n);
  await subscription.unsubscribe();
});

test("replay what is parked, all or some", async () => {
  const { stream, group, join } = await created(20);
  const subscription = join();
  const replayed = [];
  const enough = (n) => until(`${n} are replayed`, () => replayed.length === n);
  subscription.on("data", async (e) => {
    if (!e.link) return subscription.nack(PARK, "later", e);
    replayed.push(e);
    await subscription.ack(e);
  });
  const parked = async () => (await it.client.getPersistentSubscriptionToStreamInfo(stream, group)).stats.parkedMessageCount;
  await until("all are parked", async () => (await parked()) === 20n);
  await it.client.replayParkedMessagesToStream(stream, group, { stopAt: 4 });
  await enough(4);
  assert.equal(await parked(), 16n);
  await it.client.replayParkedMessagesToStream(stream, group);
  await enough(20);
  assert.deepEqual(numbers(replayed), [...Array(20).keys()]);
  assert.ok(replayed.every(({ link, retryCount }) => link.streamId === `$persistentsubscription-${stream}::${group}-parked` && retryCount === 0));
  await subscription.unsubscribe();
});

test("information", async () => {
  const name = `สวัสดี/😀/${unique()}`;
  const { stream, group, join } = await created(20, { extraStatistics: true, checkPointLowerBound: 10, checkPointUpperBound: 1, consumerStrategyName: PINNED });
  await it.client.createPersistentSubscriptionToStream(name, name, settings());
  assert.equal((await it.client.getPersistentSubscriptionToStreamInfo(name, name)).groupName, name);
  const about = () => it.client.getPersistentSubscriptionToStreamInfo(stream, group);
  const before_ = await about();
  assert.deepEqual(before_.settings, settings({ startFrom: START, extraStatistics: true, checkPointLowerBound: 10, checkPointUpperBound: 1, consumerStrategyName: PINNED }));
  assert.equal(before_.stats.lastKnownEventRevision, undefined);
  const subscription = join();
  await share(subscription, (e) => subscription.ack(e), 20);
  await until("the checkpoint", async () => (await about()).stats.lastCheckpointedEventRevision === 19n);
  const after_ = await about();
  assert.equal(after_.stats.lastKnownEventRevision, 19n);
  assert.equal(after_.connections.length, 1);
  assert.equal(after_.connections[0].totalItems, 20n);
  assert.ok(after_.connections[0].extraStatistics.get("quintile 3") > 0n);
  await subscription.unsubscribe();
  const listed = await it.client.listPersistentSubscriptionsToStream(stream);
  assert.deepEqual(listed.map(({ groupName }) => groupName), [group]);
  assert.ok((await it.client.listAllPersistentSubscriptions()).length >= 2);
});

test("share the log, filtered", async () => {
  const [chosen, group] = [unique("chosen"), unique("group")];
  await it.client.appendToStream(chosen, events(5));
  await it.client.appendToStream(unique("other"), events(5));
  await it.client.createPersistentSubscriptionToAll(group, allSettings({ startFrom: START }), { filter: streamNameFilter({ prefixes: [chosen] }) });
  const subscription = it.client.subscribeToPersistentSubscriptionToAll(group);
  const seen = await share(subscription, (e) => (e.event.data.n === 4 && !e.link ? subscription.nack(PARK, "later", e) : subscription.ack(e)), 5);
  assert.ok(seen.every(({ event, commitPosition }) => event.streamId === chosen && commitPosition > 0n));
  await until("one is parked", async () => (await it.client.getPersistentSubscriptionToAllInfo(group)).stats.parkedMessageCount === 1n);
  const replayed = new Promise((resolve) => subscription.once("data", resolve));
  await it.client.replayParkedMessagesToAll(group);
  assert.equal((await replayed).event.streamId, chosen);
  await subscription.unsubscribe();
  const info = await it.client.getPersistentSubscriptionToAllInfo(group);
  assert.equal(typeof info.stats.lastKnownEventPosition.commit, "bigint");
  await it.client.updatePersistentSubscriptionToAll(group, allSettings({ startFrom: START, maxRetryCount: 3 }));
  assert.equal((await it.client.getPersistentSubscriptionToAllInfo(group)).settings.maxRetryCount, 3);
  await it.client.deletePersistentSubscriptionToAll(group);
  await assert.rejects(it.client.getPersistentSubscriptionToAllInfo(group), PersistentSubscriptionDoesNotExistError);
});

test("a category, with its links followed", async () => {
  const category = unique("category").replaceAll("-", "");
  const group = unique("group");
  for (const n of [1, 2]) await it.client.appendToStream(`${category}-${n}`, events(2));
  await it.client.createPersistentSubscriptionToStream(`$ce-${category}`, group, settings({ startFrom: START, resolveLinkTos: true }));
  const subscription = it.client.subscribeToPersistentSubscriptionToStream(`$ce-${category}`, group);
  const seen = await share(subscription, (e) => subscription.ack(e), 4);
  assert.deepEqual(seen.map(({ event, link }) => `${link.revision} ${event.streamId}`), [1, 1, 2, 2].map((s, n) => `${n} ${category}-${s}`));
  await subscription.unsubscribe();
});

test("what cannot be", async () => {
  const { stream, group, join } = await created(0, { maxSubscriberCount: 1 });
  const again = it.client.createPersistentSubscriptionToStream(stream, group, settings());
  await assert.rejects(again, (error) => {
    assert.ok(error instanceof PersistentSubscriptionExistsError, String(error));
    assert.equal(error.message, `6 ALREADY_EXISTS: Subscription group ${group} on stream ${stream} exists.`);
    return true;
  });
  await assert.rejects(it.client.createPersistentSubscriptionToStream(stream, "x", settings({ historyBufferSize: 10, readBatchSize: 10 })), PersistentSubscriptionFailedError);
  await assert.rejects(it.client.updatePersistentSubscriptionToStream(stream, "x", settings()), PersistentSubscriptionDoesNotExistError);
  await assert.rejects(it.client.deletePersistentSubscriptionToStream(stream, "x"), PersistentSubscriptionDoesNotExistError);
  await assert.rejects(it.client.listPersistentSubscriptionsToStream(unique()), PersistentSubscriptionDoesNotExistError);
  const failure = (subscription) => new Promise((resolve) => subscription.on("error", resolve).on("data", () => {}));
  assert.ok(await failure(it.client.subscribeToPersistentSubscriptionToStream(stream, "x")) instanceof PersistentSubscriptionDoesNotExistError);
  const one = join();
  await new Promise((ready) => one.once("confirmation", ready).on("data", () => {}));
  assert.ok(await failure(join()) instanceof PersistentSubscriptionMaximumSubscribersReachedError);
  const dropped = failure(one);
  await it.client.updatePersistentSubscriptionToStream(stream, group, settings());
  assert.ok(await dropped instanceof PersistentSubscriptionDroppedError);
});

test("a server that is killed goes on behind its checkpoint", async () => {
  const store = temporary();
  const start = async () => {
    const server = await serve("--insecure", "--store", store);
    return { server, client: KurrentDBClient.connectionString(`kurrentdb://${server.address}?tls=false`) };
  };
  let { server, client } = await start();
  const options = settings({ startFrom: START, checkPointLowerBound: 1, checkPointUpperBound: 1 });
  await client.appendToStream("s", events(10));
  await client.createPersistentSubscriptionToStream("s", "g", options);
  let subscription = client.subscribeToPersistentSubscriptionToStream("s", "g");
  await share(subscription, (e, n) => (n < 6 ? subscription.ack(e) : undefined), 10);
  await until("the checkpoint", async () => (await client.getPersistentSubscriptionToStreamInfo("s", "g")).stats.lastCheckpointedEventRevision === 5n);
  subscription.on("error", () => {});
  await server.kill();
  await client.dispose();
  ({ server, client } = await start());
  subscription = client.subscribeToPersistentSubscriptionToStream("s", "g");
  const seen = await share(subscription, (e) => subscription.ack(e), 4);
  assert.deepEqual(counts(seen), ["6+0", "7+0", "8+0", "9+0"]);
  await subscription.unsubscribe();
  await client.dispose();
  await server.stop();
});
