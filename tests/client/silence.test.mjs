// SPDX-License-Identifier: GPL-3.0-only
// When nothing comes through a connection although something should.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import FakeTimers from '@sinonjs/fake-timers';
import { createSilence, steadyStreams } from '../../html/js/room/silence.js';
import { initialState } from '../../html/js/room/state.js';

/** A stream, and what stands in for its RTCRtpReceiver: what it has played last. */
class Receiver {
  static made = 0;

  name = String((Receiver.made += 1));
  heard = true;
  packet = 0;
  getSynchronizationSources = () => (this.packet ? [{ timestamp: this.packet }] : []);
}

let timers;
let silence;
let expected;
let changes;

beforeEach(() => {
  timers = FakeTimers.install({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  expected = [];
  changes = [];
  silence = createSilence({
    streams: () => expected.map(({ name, heard }) => ({ key: name, mid: name, heard })),
    receiver: (mid) => expected.find(({ name }) => name === mid),
    onChange: (quiet) => changes.push(quiet),
  });
});

afterEach(() => {
  silence.stop();
  timers.uninstall();
});

/** Time passes in which these are heard. */
function pass(ms, ...heard) {
  for (let done = 0; done < ms; done += 50) {
    for (const receiver of heard) receiver.packet = Date.now() + 1;
    timers.tick(50);
  }
}

test('quiet after a while without anything, then heard again', () => {
  const ada = new Receiver();
  expected = [ada];
  pass(3000, ada);
  pass(1250);
  assert.deepEqual(changes, []);
  pass(500);
  assert.deepEqual(changes, [true]);
  pass(10000);
  assert.deepEqual(changes, [true]);
  pass(500, ada);
  assert.deepEqual(changes, [true, false]);
});

test('one who is heard is enough', () => {
  const [ada, grace] = [new Receiver(), new Receiver()];
  expected = [ada, grace];
  pass(1000, ada, grace);
  pass(10000, grace);
  assert.deepEqual(changes, []);
});

test('what was never heard is not missed, nor what need not come', () => {
  const ada = new Receiver();
  expected = [ada];
  pass(10000);
  assert.deepEqual(changes, []);
  pass(1000, ada);
  expected = []; // Ada turns it off
  pass(10000);
  expected = [ada];
  pass(10000);
  assert.deepEqual(changes, []);
});

test('silence of one whom the server does not hear either is theirs; when it does again it is ours', () => {
  const ada = new Receiver();
  expected = [ada];
  pass(1000, ada);
  pass(900);
  ada.heard = false;
  pass(10000);
  ada.heard = true;
  pass(250);
  assert.deepEqual(changes, []);
  pass(750);
  assert.deepEqual(changes, [true]);
});

test('somebody whose path broke at the same moment does not hide that ours did', () => {
  const ada = new Receiver();
  expected = [ada];
  pass(1000, ada);
  pass(900);
  ada.heard = false;
  pass(300);
  ada.heard = true;
  pass(1000);
  assert.deepEqual(changes, [true]);
});

test('one who comes in a silence does not end it', () => {
  const [ada, grace] = [new Receiver(), new Receiver()];
  expected = [ada];
  pass(1000, ada);
  grace.packet = 7;
  expected = [ada, grace];
  pass(2000);
  assert.deepEqual(changes, [true]);
});

test('only microphones and cameras that are on count, on that connection', () => {
  const streams = [
    { stream: 'mic', kind: 'microphone', muted: false },
    { stream: 'cam', kind: 'camera', muted: true },
    { stream: 'screen1', kind: 'screen', muted: false },
  ];
  const slot = (connection, mid, participant, stream) => [`${connection}/${mid}`, { connection, mid, participant, stream }];
  const state = {
    ...initialState(),
    participants: new Map([
      ['ada', { id: 'ada', interrupted: false, streams }],
      ['bob', { id: 'bob', interrupted: true, streams }],
    ]),
    slots: new Map([
      slot('sub', 'a0', 'ada', 'mic'), slot('sub', 'v0', 'ada', 'cam'), slot('sub', 'v1', 'ada', 'screen1'),
      slot('sub', 'a1', 'bob', 'mic'), slot('sub', 'a2', 'nobody', 'mic'), slot('sub:ada', 'a0', 'ada', 'mic'),
    ]),
  };
  assert.deepEqual(steadyStreams(state, 'sub'), [
    { key: 'ada mic', mid: 'a0', heard: true },
    { key: 'bob mic', mid: 'a1', heard: false },
  ]);
  assert.deepEqual(steadyStreams(state, 'sub:ada'), [{ key: 'ada mic', mid: 'a0', heard: true }]);
  assert.deepEqual(steadyStreams(state, 'sub:bob'), []);
});
