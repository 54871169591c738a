// SPDX-License-Identifier: GPL-3.0-only
// A settings file with a mistake is refused as a whole, and the message says which file and which key.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Participant } from '../lib/client.mjs';
import { startJanus } from '../lib/janus.mjs';
import { refusedStart } from '../lib/service.mjs';

const MISTAKES = [
  ['an unknown section', 'romms: { max_rooms = 5 }', 'romms'],
  ['an unknown key', 'rooms: { max_romms = 5 }', 'max_romms'],
  ['a word for a number', 'rooms: { max_rooms = "many" }', 'max_rooms'],
  ['a number with something behind it', 'rooms: { max_rooms = "12x" }', 'max_rooms'],
  ['an empty value', 'rooms: { max_rooms = "" }', 'max_rooms'],
  ['a value below the range', 'rooms: { max_participants = 0 }', 'max_participants'],
  ['a value beyond the range', 'slots: { max_slots = 65 }', 'max_slots'],
  ['a negative value', 'liveness: { timeout = -1 }', 'timeout'],
  ['two keys that contradict each other', 'liveness: { timeout = 2; interrupted = 3 }', 'interrupted'],
  ['a key outside of any section', 'max_rooms = 5', 'max_rooms'],
  ['a section inside a section', 'rooms: { more: { max_rooms = 5 } }', 'more'],
];

for (const [name, text, key] of MISTAKES) {
  test(`${name} is refused`, { timeout: 60000 }, async () => {
    const message = await refusedStart(`${text}\n`);
    const line = message.split('\n').find((one) => one.includes('.jcfg') && one.includes(key));
    assert.ok(line, `no line names the file and ${key}:\n${message}`);
  });
}

test('a file that is no configuration at all is refused', { timeout: 60000 }, async () => {
  const message = await refusedStart('rooms: { max_rooms = \n');
  assert.match(message, /\.jcfg/);
});

test('an empty file means the defaults', { timeout: 60000 }, async (t) => {
  const janus = await startJanus({ settings: '' });
  t.after(() => janus.stop());
  const one = await Participant.join(janus.url);
  assert.deepEqual(one.joined.limits, { participants: 100, streams: 16, display: 64, title: 128, relay: 16384, relay_channel: 60000 });
  await one.drop();
});

test('values are taken from the file, with and without quotes', { timeout: 60000 }, async (t) => {
  const settings = 'rooms: { max_participants = 7; max_streams = "5" }\nslots: { video_slots = 9 }\n';
  const janus = await startJanus({ settings });
  t.after(() => janus.stop());
  const one = await Participant.join(janus.url);
  assert.equal(one.joined.limits.participants, 7);
  assert.equal(one.joined.limits.streams, 5);
  assert.equal(one.sub.all('offer')[0].jsep.sdp.match(/^m=video/gm).length, 9);
  await one.drop();
});
