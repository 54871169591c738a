// SPDX-License-Identifier: GPL-3.0-only
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvent } from '../../html/js/room/protocol.js';
import { initialState, reduce } from '../../html/js/room/state.js';
import { bannerText, connectionStatus, describeEvent, remoteTiles, soundSlots } from '../../html/js/room/view.js';

const stream = (name, kind, changes) => ({ stream: name, kind, mid: '0', muted: false, ...changes });
const ada = {
  id: 'ada',
  display: 'Ada',
  interrupted: false,
  streams: [stream('mic', 'microphone'), stream('cam', 'camera')],
};
const bob = { id: 'bob', display: 'Bob', interrupted: false, streams: [] };

/** The server's own words, in order, on top of a state. */
const hear = (state, ...events) => events.map((event) => readEvent(event)).reduce(reduce, state);

const inRoom = () =>
  hear(
    reduce(initialState(), { type: 'joining', display: 'Me' }),
    { buzz: 'joined', id: 'me', participants: [ada] },
    {
      buzz: 'slots',
      slots: [
        { mid: 'a0', participant: 'ada', stream: 'mic' },
        { mid: 'v0', participant: 'ada', stream: 'cam' },
      ],
    },
  );

test('joining, then in the room with those who are there', () => {
  const before = reduce(initialState(), { type: 'joining', display: 'Me' });
  assert.equal(before.phase, 'joining');
  const state = inRoom();
  assert.deepEqual([state.phase, state.id, state.display], ['joined', 'me', 'Me']);
  assert.deepEqual([...state.participants.keys()], ['ada']);
});

test('joined with a participant is somebody else', () => {
  const state = hear(inRoom(), { buzz: 'joined', participant: bob });
  assert.deepEqual([...state.participants.keys()], ['ada', 'bob']);
  assert.equal(state.id, 'me');
});

test('whoever leaves takes slots and notices along', () => {
  const state = hear(
    inRoom(),
    {
      buzz: 'slots',
      slots: [{ mid: 'a0', participant: 'ada', stream: 'mic' }],
      undecodable: [{ participant: 'ada', stream: 'cam' }],
      waiting: [{ participant: 'ada', stream: 's' }],
    },
    { buzz: 'left', participant: 'ada', reason: 'gone' },
  );
  assert.deepEqual([state.participants.size, state.slots.size, state.undecodable, state.waiting], [0, 0, [], []]);
});

test('events about nobody change nothing', () => {
  const state = inRoom();
  assert.equal(hear(state, { buzz: 'left', participant: 'x', reason: 'gone' }), state);
  assert.equal(hear(state, { buzz: 'streams', participant: 'x', streams: [] }), state);
  assert.equal(hear(state, { buzz: 'interrupted', participant: 'x' }), state);
});

test('a state is never changed in place', () => {
  const state = inRoom();
  const copy = structuredClone(state);
  hear(
    state,
    { buzz: 'joined', participant: bob },
    { buzz: 'streams', participant: 'ada', streams: [] },
    { buzz: 'interrupted', participant: 'ada' },
    { buzz: 'left', participant: 'ada', reason: 'leave' },
    { buzz: 'slots', slots: [] },
  );
  reduce(state, { type: 'connection', which: 'pub', state: 'failed' });
  reduce(state, { type: 'lost', problem: { code: 0, text: 'x' } });
  assert.deepEqual(state, copy);
});

test('interrupted and resumed', () => {
  const silent = hear(inRoom(), { buzz: 'interrupted', participant: 'ada', reason: 'silent' });
  assert.equal(remoteTiles(silent)[0].interrupted, 'Connection interrupted');
  const away = hear(silent, { buzz: 'interrupted', participant: 'ada', reason: 'away' });
  assert.equal(remoteTiles(away)[0].interrupted, 'Reconnecting…');
  assert.equal(remoteTiles(hear(away, { buzz: 'resumed', participant: 'ada' }))[0].interrupted, '');
});

test('one’s own connection is always said', () => {
  const joined = { ...inRoom(), connections: { pub: 'connected', sub: 'connected' } };
  assert.deepEqual([bannerText(joined), connectionStatus(joined).level], ['', 'good']);
  const down = reduce(joined, { type: 'signalling', state: 'down' });
  assert.match(bannerText(down), /the call goes on/);
  assert.equal(connectionStatus(down).level, 'bad');
  const dead = reduce(down, { type: 'connection', which: 'pub', state: 'failed' });
  assert.match(bannerText(dead), /lost. Reconnecting/);
  const broken = reduce(joined, { type: 'connection', which: 'sub', state: 'disconnected' });
  assert.match(bannerText(broken), /Restoring/);
  const quiet = reduce(joined, { type: 'quiet', which: 'pub', quiet: true });
  assert.match(bannerText(quiet), /Restoring/);
  assert.equal(connectionStatus(quiet).level, 'bad');
  assert.equal(bannerText(reduce(quiet, { type: 'quiet', which: 'pub', quiet: false })), '');
  const synced = hear(reduce(quiet, { type: 'quiet', which: 'sub', quiet: true }), { buzz: 'synced', id: 'me', participants: [] });
  assert.deepEqual(synced.quiet, ['sub'], 'the server says it again if it does not hear us');
  const lost = reduce(dead, { type: 'lost', problem: { code: 0, text: 'x' } });
  assert.match(bannerText(lost), /Coming back/);
  const back = hear(lost, { buzz: 'joined', id: 'me', seat: 's', participants: [bob] });
  assert.equal(bannerText(back), '');
});

test('after a sync it knows what it missed', () => {
  const synced = hear(inRoom(), { buzz: 'synced', id: 'me', seat: 's', participants: [bob] });
  assert.deepEqual([...synced.participants.keys()], ['bob']);
});

test('a loss keeps the people but not the slots, and says so until back', () => {
  const lost = reduce(inRoom(), { type: 'lost', problem: { code: 0, text: 'gone' } });
  assert.deepEqual([lost.phase, lost.participants.size, lost.slots.size], ['rejoining', 1, 0]);
  const again = reduce(lost, { type: 'joining', display: 'Me' });
  assert.equal(again.phase, 'rejoining');
  assert.equal(connectionStatus(again).level, 'bad');
  const back = hear(again, { buzz: 'joined', id: 'me2', participants: [bob] });
  assert.deepEqual(
    [back.phase, back.id, back.problem, [...back.participants.keys()]],
    ['joined', 'me2', null, ['bob']],
  );
});

test('slots that come before the welcome are kept', () => {
  const state = hear(
    reduce(initialState(), { type: 'joining', display: 'Me' }),
    { buzz: 'slots', slots: [{ mid: 'v0', participant: 'ada', stream: 'cam' }] },
    { buzz: 'joined', id: 'me', participants: [ada] },
  );
  assert.equal(remoteTiles(state)[0].slot, 'sub/v0');
});

test('leaving and refusal empty the room', () => {
  for (const type of ['closed', 'refused']) {
    const state = reduce(inRoom(), { type, problem: { code: 450, text: 'full' } });
    assert.deepEqual([state.participants.size, state.slots.size, state.problem.code], [0, 0, 450]);
  }
});

test('tiles: the first camera is the person, screens have their own and come first', () => {
  const state = hear(
    inRoom(),
    {
      buzz: 'streams',
      participant: 'ada',
      streams: [...ada.streams, stream('s1', 'screen', { title: 'tab' }), stream('cam2', 'camera')],
    },
    {
      buzz: 'slots',
      slots: [
        { mid: 'v0', participant: 'ada', stream: 'cam' },
        { mid: 'v1', participant: 'ada', stream: 's1' },
      ],
    },
  );
  assert.deepEqual(
    remoteTiles(state).map(({ key, kind, slot, label }) => [key, kind, slot, label]),
    [
      ['ada/s1', 'screen', 'sub/v1', 'Ada’s screen: tab'],
      ['ada/cam2', 'screen', null, 'Ada’s camera'],
      ['ada', 'person', 'sub/v0', 'Ada'],
    ],
  );
});

test('tiles: an ended screen disappears, a muted camera has no picture', () => {
  const state = hear(inRoom(), {
    buzz: 'streams',
    participant: 'ada',
    streams: [stream('cam', 'camera', { muted: true })],
  });
  const [tile, ...more] = remoteTiles(state);
  assert.deepEqual([tile.slot, tile.notice, tile.microphone, more], [null, '', false, []]);
});

test('tiles: what cannot be decoded is named with its codec', () => {
  const state = hear(
    inRoom(),
    { buzz: 'streams', participant: 'ada', streams: [stream('s1', 'screen', { codec: 'h264' })] },
    { buzz: 'slots', slots: [], undecodable: [{ participant: 'ada', stream: 's1', codec: 'h264' }] },
  );
  assert.equal(remoteTiles(state)[0].notice, 'Ada’s screen is sent as H264, which this browser cannot show.');
});

test('sound: microphones and the sound of screens, not pictures', () => {
  const state = hear(
    inRoom(),
    {
      buzz: 'streams',
      participant: 'ada',
      streams: [...ada.streams, stream('s1', 'screen'), stream('s1a', 'screen_audio', { of: 's1' })],
    },
    {
      buzz: 'slots',
      slots: [
        { mid: 'a0', participant: 'ada', stream: 'mic' },
        { mid: 'a1', participant: 'ada', stream: 's1a' },
        { mid: 'v0', participant: 'ada', stream: 'cam' },
      ],
    },
  );
  assert.deepEqual(
    soundSlots(state).map(({ key, kind }) => [key, kind]),
    [
      ['sub/a0', 'microphone'],
      ['sub/a1', 'screen_audio'],
    ],
  );
});

test('words for what happens', () => {
  const state = inRoom();
  assert.equal(describeEvent({ type: 'joined', participant: bob }, state), 'Bob joined');
  assert.equal(describeEvent({ type: 'left', participant: 'ada', reason: 'gone' }, state), 'Ada left');
  const sharing = { type: 'streams', participant: 'ada', streams: [...ada.streams, stream('s1', 'screen')] };
  assert.equal(describeEvent(sharing, state), 'Ada shares a screen');
  assert.equal(describeEvent(sharing, reduce(state, sharing)), '', 'it is not new any more');
});

const slots = (participant, ...entries) => ({
  buzz: 'slots',
  slots: entries.map(([mid, name]) => ({ mid, participant, stream: name })),
});

test('equal mids of two connections are two slots, and each connection speaks for itself', () => {
  const cam = { ...bob, streams: [stream('cam', 'camera')] };
  const both = [
    readEvent(slots('ada', ['a0', 'mic'], ['v0', 'cam']), 'sub:ada'),
    readEvent(slots('bob', ['v0', 'cam']), 'sub:bob'),
  ];
  const start = hear(initialState(), { buzz: 'joined', id: 'me', participants: [ada, cam] });
  const state = both.reduce(reduce, start);
  assert.deepEqual(
    remoteTiles(state).map(({ key, slot }) => [key, slot]),
    [
      ['ada', 'sub:ada/v0'],
      ['bob', 'sub:bob/v0'],
    ],
  );
  assert.deepEqual(soundSlots(state), [{ key: 'sub:ada/a0', participant: 'ada', kind: 'microphone' }]);
  const later = reduce(state, readEvent(slots('bob'), 'sub:bob'));
  assert.deepEqual([...later.slots.keys()], ['sub:ada/a0', 'sub:ada/v0']);
});

test('a connection that ends takes its slots, its notices and its state along', () => {
  const event = { ...slots('ada', ['v0', 'cam']), waiting: [{ participant: 'ada', stream: 'mic' }] };
  const state = [
    { type: 'connection', which: 'pub', state: 'connected' },
    { type: 'connection', which: 'sub:ada', state: 'connecting' },
    readEvent(event, 'sub:ada'),
  ].reduce(reduce, hear(initialState(), { buzz: 'joined', id: 'me', participants: [ada] }));
  assert.equal(connectionStatus(state).level, 'wait');
  assert.equal(remoteTiles(state)[0].slot, 'sub:ada/v0');
  const after = reduce(state, { type: 'unlinked', which: 'sub:ada' });
  assert.deepEqual([after.slots.size, after.waiting, after.connections], [0, [], { pub: 'connected' }]);
  assert.equal(connectionStatus(after).level, 'good');
  assert.equal(state.slots.size, 1, 'the state before is not changed');
});
