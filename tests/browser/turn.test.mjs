// SPDX-License-Identifier: GPL-3.0-only
// Media through a real coturn, with the credentials that the plugin makes. `?relay` in the address forbids all other ways.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { sleep, until } from '../lib/process.mjs';
import { Scene } from '../lib/scene.mjs';
import { startServer } from '../lib/server.mjs';
import { TurnServer } from '../lib/turn.mjs';

const SECRET = 'the secret of this test';
const WITHOUT_MS = 6000;

const turn = await TurnServer.start({ secret: SECRET });
after(() => turn.stop());
const ice = { turn: turn.url, turn_secret: SECRET };
const scene = await Scene.open({ server: { settings: { ice } } });
const short = await Scene.open({ chromium: false, server: { settings: { ice: { ...ice, turn_ttl: 60 } } } });

const idOf = async (person) => (await person.snapshot()).id;
const relayed = { relay: '' };

test('two people whose every packet goes through coturn', { timeout: 90000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'turn/pair', 'Ada', relayed);
  const grace = await scene.join(t, scene.chromium, 'turn/pair', 'Grace', { ...relayed, topology: 'per-peer' });
  const [adaId, graceId] = await Promise.all([ada, grace].map(idOf));
  await ada.flowing([`${graceId} cam`, `${graceId} mic`]);
  await grace.flowing([`${adaId} cam`, `${adaId} mic`]);
  for (const one of [ada, grace]) {
    for (const route of await one.routes()) {
      assert.deepEqual([route.state, route.local, route.gathered], ['connected', 'relay', ['relay']], `${one.name} ${JSON.stringify(route)}`);
    }
  }
  assert.match(turn.log(), new RegExp(`\\d+:${adaId}`), 'coturn knows whose connection it is');
});

test('where nothing is forbidden coturn is only offered', { timeout: 60000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'turn/free', 'Ada');
  const grace = await scene.join(t, scene.chromium, 'turn/free', 'Grace');
  await ada.flowing([`${await idOf(grace)} cam`]);
  for (const route of await ada.routes()) assert.equal(route.local, 'host', JSON.stringify(route));
  const urls = await ada.evaluate(() => {
    return globalThis.buzz.call.inspect().map(({ connection }) => connection.getConfiguration().iceServers[0].urls);
  });
  assert.deepEqual(urls, [[turn.url], [turn.url]]);
});

for (const [name, wrong] of [
  ['a wrong secret', { ...ice, turn_secret: `${SECRET}!` }],
  ['no secret', { ...ice, turn_secret: '' }],
]) {
  test(`${name}: nothing goes through`, { timeout: 90000 }, async (t) => {
    const server = await startServer({ settings: { ice: wrong } });
    const person = await scene.chromium.open('Ada');
    t.after(async () => {
      await person.close();
      await server.stop();
    });
    await person.page.goto(`${server.url}turn/wrong?name=Ada&relay&join`);
    await person.until('joined', ({ state }) => state === 'joined');
    await sleep(WITHOUT_MS);
    for (const route of await person.routes()) {
      assert.deepEqual([route.local, route.gathered], [undefined, []], JSON.stringify(route));
      assert.notEqual(route.state, 'connected');
    }
  });
}

test('credentials are renewed during the call, and an ICE restart uses them', { timeout: 90000 }, async (t) => {
  const ada = await short.join(t, scene.chromium, 'turn/long', 'Ada', relayed);
  const grace = await short.join(t, scene.chromium, 'turn/long', 'Grace', relayed);
  const [adaId, graceId] = await Promise.all([ada, grace].map(idOf));
  const usernames = () => ada.evaluate(() => {
    return globalThis.buzz.call.inspect().map(({ connection }) => connection.getConfiguration().iceServers[0].username);
  });
  const before = await usernames();
  await until('new credentials', async () => (await usernames()).every((name, index) => name !== before[index]), { ms: 40000 });
  const [renewed] = await usernames();
  assert.ok(!turn.log().includes(renewed), 'what was allocated goes on');
  await ada.evaluate(() => dispatchEvent(new Event('online')));
  await until('coturn knows the new one', () => turn.log().includes(renewed));
  await ada.flowing([`${graceId} cam`, `${graceId} mic`]);
  await grace.flowing([`${adaId} cam`, `${adaId} mic`]);
  assert.deepEqual((await ada.routes()).map(({ state, local }) => [state, local]), [['connected', 'relay'], ['connected', 'relay']]);
});
