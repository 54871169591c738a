// SPDX-License-Identifier: GPL-3.0-only
// What the answer to join says of STUN and TURN.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { Participant } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { refusedStart } from '../lib/service.mjs';

const SECRET = 'a secret that stands in no log';

const janus = await janusForThisFile({
  settings: {
    ice: {
      stun: 'stun:stun.example.org, stuns:stun.example.org:443', turn: 'turn:turn.example.org:3478?transport=udp',
      turn_secret: SECRET, turn_ttl: 120,
    },
  },
});
const bare = await janusForThisFile();

test('each participant is given servers and a credential of its own', { timeout: 20000 }, async (t) => {
  const people = [];
  t.after(() => Promise.all(people.map((one) => one.drop())));
  for (const display of ['Ada', 'Grace']) {
    const now = Math.floor(Date.now() / 1000);
    const one = await Participant.join(janus.url, { display, watch: false });
    people.push(one);
    const [stun, turn] = one.joined.ice_servers;
    assert.deepEqual(stun, { urls: ['stun:stun.example.org', 'stuns:stun.example.org:443'] });
    assert.deepEqual(turn.urls, ['turn:turn.example.org:3478?transport=udp']);
    const [expiry, id] = turn.username.split(':');
    assert.equal(id, one.id);
    assert.ok(Number(expiry) >= now + 120 && Number(expiry) <= now + 125, `${expiry} at ${now}`);
    assert.equal(turn.credential, createHmac('sha1', SECRET).update(turn.username).digest('base64'));
    assert.equal(one.joined.ice_servers.length, 2);
  }
  assert.notEqual(people[0].joined.ice_servers[1].credential, people[1].joined.ice_servers[1].credential);
  // nobody else hears of them
  assert.doesNotMatch(JSON.stringify(people[0].pub.events.slice(1)), /credential|ice_servers/);
  assert.ok(!janus.log().includes(SECRET));
});

test('without settings there are none', { timeout: 20000 }, async () => {
  const one = await Participant.join(bare.url, { watch: false });
  assert.deepEqual(one.joined.ice_servers, []);
  await one.drop();
});

test('an address that is none is refused, and a secret that is too long is not repeated', { timeout: 60000 }, async () => {
  assert.match(await refusedStart('ice: { turn = "https://turn.example.org" }\n'), /ice\.turn: must be URLs/);
  const long = await refusedStart(`ice: { turn_secret = "${SECRET.repeat(20)}" }\n`);
  assert.match(long, /ice\.turn_secret: must be at most/);
  assert.ok(!long.includes(SECRET));
});
