// SPDX-License-Identifier: GPL-3.0-only
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPublisher } from '../../html/js/room/publisher.js';
import { FakeConnection, settle, track } from './fakes.mjs';

/** A turn of the timers: waiting for the next try takes no time here. */
const pause = () =>
  new Promise((done) => {
    setTimeout(done, 5);
  });

/** A publisher whose server answers when the test says so. */
function setUp(options = {}) {
  const connection = new FakeConnection();
  const exchanges = [];
  const publisher = createPublisher({
    ...options,
    connection,
    exchange: (streams, offer) =>
      new Promise((resolve, reject) => {
        exchanges.push({
          streams,
          offer,
          accept: () => resolve(offer && { type: 'answer', sdp: 'answer' }),
          refuse: reject,
        });
      }),
  });
  return { connection, exchanges, publisher };
}

const mic = (changes) => ({ stream: 'mic', kind: 'microphone', track: track('audio', 'm'), muted: false, ...changes });
const cam = (changes) => ({ stream: 'cam', kind: 'camera', track: track('video', 'c'), muted: false, ...changes });
const screen = (name, changes) => ({
  stream: name,
  kind: 'screen',
  track: track('video', name),
  muted: false,
  ...changes,
});

/** Publishes and has it accepted. */
async function publish({ publisher, exchanges }, streams) {
  const done = publisher.set(streams);
  await settle();
  exchanges.at(-1)?.accept();
  await done;
}

test('the first list is sent even when it is empty, without an offer', async () => {
  const all = setUp();
  const done = all.publisher.set([]);
  await settle();
  assert.deepEqual(
    all.exchanges.map(({ streams, offer }) => [streams, offer]),
    [[[], undefined]],
  );
  all.exchanges[0].accept();
  await done;
  assert.equal(all.publisher.offers(), 0);
});

test('the camera is offered in three layers, highest first, and mids are those of the offer', async () => {
  const all = setUp();
  await publish(all, [mic(), cam()]);
  assert.deepEqual(all.exchanges[0].streams, [
    { stream: 'mic', kind: 'microphone', mid: '0', muted: false },
    { stream: 'cam', kind: 'camera', mid: '1', muted: false },
  ]);
  assert.deepEqual(
    all.connection.transceivers[1].encodings.map(({ rid, scaleResolutionDownBy = 1 }) => [rid, scaleResolutionDownBy]),
    [
      ['h', 1],
      ['m', 2],
      ['l', 4],
    ],
  );
  assert.deepEqual(all.connection.calls, ['offer made', 'local offer', 'remote answer']);
});

test('a burst of changes is one offer', async () => {
  const all = setUp();
  await publish(all, [mic()]);
  const burst = [
    all.publisher.set([mic(), cam()]),
    all.publisher.set([mic(), cam(), screen('s1')]),
    all.publisher.set([mic(), cam(), screen('s2')]),
  ];
  await settle();
  assert.equal(all.exchanges.length, 2);
  assert.deepEqual(
    all.exchanges[1].streams.map(({ stream }) => stream),
    ['mic', 'cam', 's2'],
  );
  all.exchanges[1].accept();
  await Promise.all(burst);
  assert.equal(all.publisher.offers(), 2);
});

test('changes during an offer wait for its answer and are folded into the next', async () => {
  const all = setUp();
  const first = all.publisher.set([mic()]);
  await settle();
  all.publisher.set([mic(), cam()]);
  all.publisher.set([mic(), cam(), screen('s1')]);
  const last = all.publisher.set([mic(), screen('s1')]);
  await settle();
  assert.equal(all.exchanges.length, 1, 'one offer outstanding');
  all.exchanges[0].accept();
  await settle();
  assert.equal(all.exchanges.length, 2);
  assert.deepEqual(
    all.exchanges[1].streams.map(({ stream }) => stream),
    ['mic', 's1'],
  );
  all.exchanges[1].accept();
  await Promise.all([first, last]);
  assert.deepEqual(all.connection.calls, ['offer made', 'local offer', 'remote answer', 'local offer', 'remote answer']);
});

test('mute is a list without an offer, and the track goes', async () => {
  const all = setUp();
  await publish(all, [mic(), cam()]);
  await publish(all, [mic(), cam({ track: null, muted: true })]);
  assert.equal(all.exchanges[1].offer, undefined);
  assert.equal(all.exchanges[1].streams[1].muted, true);
  assert.equal(all.connection.transceivers[1].sender.track, null);
  assert.equal(all.publisher.offers(), 1);
});

test('another device is neither an offer nor a list', async () => {
  const all = setUp();
  await publish(all, [cam()]);
  const other = track('video', 'other');
  await all.publisher.set([cam({ track: other })]);
  assert.equal(all.connection.transceivers[0].sender.track, other);
  assert.equal(all.exchanges.length, 1);
});

test('an ended screen’s m-line is inactive, then used by the next screen', async () => {
  const all = setUp();
  await publish(all, [cam(), screen('s1')]);
  await publish(all, [cam()]);
  const line = all.connection.transceivers[1];
  assert.equal(line.direction, 'inactive');
  assert.equal(line.sender.track, null);
  await publish(all, [cam(), screen('s2', { title: 'tab' })]);
  assert.equal(all.connection.transceivers.length, 2);
  assert.equal(line.direction, 'sendonly');
  assert.deepEqual(all.exchanges[2].streams[1], { stream: 's2', kind: 'screen', mid: '1', muted: false, title: 'tab' });
});

test('several screens have an m-line each, of one encoding', async () => {
  const all = setUp();
  await publish(all, [
    screen('s1'),
    screen('s2'),
    { stream: 'a2', kind: 'screen_audio', track: track('audio', 'a2'), muted: false, of: 's2' },
  ]);
  assert.deepEqual(
    all.exchanges[0].streams.map(({ stream, mid, of }) => [stream, mid, of]),
    [
      ['s1', '0', undefined],
      ['s2', '1', undefined],
      ['a2', '2', 's2'],
    ],
  );
  assert.equal(all.connection.transceivers[0].encodings.length, 1);
});

test('a refused list leaves its m-lines agreed on, with what there was', async () => {
  const all = setUp();
  await publish(all, [mic()]);
  const refused = all.publisher.set([mic(), screen('s1')]);
  await settle();
  all.exchanges[1].refuse(new Error('too many streams'));
  await settle();
  // the same offer, so that Janus and the page keep the same mids
  assert.deepEqual(all.exchanges[2].offer, all.exchanges[1].offer);
  assert.deepEqual(
    all.exchanges[2].streams.map(({ stream }) => stream),
    ['mic'],
  );
  all.exchanges[2].accept();
  await assert.rejects(refused, /too many/);
  assert.equal(all.connection.signalingState, 'stable');
  assert.ok(!all.connection.calls.includes('rollback'));
  await publish(all, [mic()]);
  assert.ok(all.exchanges[3].offer, 'the screen’s m-line ends');
  assert.equal(all.connection.transceivers[1].direction, 'inactive');
});

test('the first offer is set only after the server has answered it', async () => {
  const all = setUp();
  const done = all.publisher.set([mic(), cam()]);
  await settle();
  assert.deepEqual(all.connection.calls, ['offer made'], 'nothing is gathered before the servers for ICE are known');
  assert.equal(all.connection.transceivers[0].mid, null);
  assert.deepEqual(all.exchanges[0].streams.map(({ mid }) => mid), ['0', '1']);
  const { sdp } = all.exchanges[0].offer;
  all.exchanges[0].accept();
  await done;
  assert.equal(all.connection.localDescription.sdp, sdp, 'what is set is what was sent');
});

test('a data channel is offered once, and in the first offer if there is time', async () => {
  const all = setUp();
  const done = all.publisher.set([mic()]);
  all.publisher.openChannel('buzz');
  await settle();
  assert.match(all.exchanges[0].offer.sdp, /m=application/);
  assert.deepEqual(all.exchanges[0].streams.map(({ mid }) => mid), ['0']);
  all.exchanges[0].accept();
  await done;
  all.publisher.openChannel('buzz');
  await settle();
  assert.equal(all.exchanges.length, 1, 'a second channel needs no offer');
});

test('a data channel that is wanted while an offer is out is in the next', async () => {
  const all = setUp();
  const done = all.publisher.set([mic()]);
  await settle();
  all.publisher.openChannel('buzz');
  all.exchanges[0].accept();
  await settle();
  assert.match(all.exchanges[1].offer.sdp, /m=application/);
  all.exchanges[1].accept();
  await done;
});

test('a viewer can have a data channel, and one that is refused is closed', async () => {
  const all = setUp();
  await publish(all, []);
  const channel = all.publisher.openChannel('buzz');
  await settle();
  assert.match(all.exchanges[1].offer.sdp, /m=application/);
  all.exchanges[1].refuse(new Error('no'));
  await settle();
  all.exchanges[2].refuse(new Error('no'));
  await settle();
  assert.equal(channel.readyState, 'closed');
  assert.equal(all.connection.signalingState, 'stable');
});

test('when that is refused too the offer is taken back, and the next list offers again', async () => {
  const all = setUp();
  await publish(all, [mic()]);
  const refused = all.publisher.set([mic(), screen('s1')]);
  await settle();
  all.exchanges[1].refuse(new Error('too many streams'));
  await settle();
  all.exchanges[2].refuse(new Error('no'));
  await assert.rejects(refused, /too many/);
  assert.equal(all.connection.calls.at(-1), 'rollback');
  await publish(all, [mic()]);
  assert.ok(all.exchanges[3].offer);
});

test('a refused list that nobody wants any more is no failure', async () => {
  const all = setUp();
  await publish(all, [mic()]);
  const first = all.publisher.set([mic(), screen('s1')]);
  await settle();
  const second = all.publisher.set([mic(), cam()]);
  all.exchanges[1].refuse(new Error('too many streams'));
  await settle();
  all.exchanges[2].accept();
  await settle();
  assert.deepEqual(
    all.exchanges[3].streams.map(({ stream }) => stream),
    ['mic', 'cam'],
  );
  all.exchanges[3].accept();
  await Promise.all([first, second]);
});

test('what may pass is tried again with the same offer, a few times', async () => {
  const all = setUp({ mayPass: (error) => error.message === 'busy' });
  await publish(all, [mic()]);
  const done = all.publisher.set([mic(), cam()]);
  await settle();
  for (let tries = 1; tries <= 4; tries += 1) {
    assert.equal(all.exchanges.length, 1 + tries);
    assert.deepEqual(all.exchanges[tries].offer, all.exchanges[1].offer);
    all.exchanges[tries].refuse(new Error('busy'));
    await pause();
  }
  all.exchanges[5].accept();
  await done;
  assert.equal(all.publisher.offers(), 2);
  assert.equal(all.connection.signalingState, 'stable');
});

test('what never passes is a failure in the end', async () => {
  const all = setUp({ mayPass: () => true });
  const done = all.publisher.set([mic()]);
  const failed = assert.rejects(done, /busy/);
  for (let tries = 0; tries < 5; tries += 1) {
    await pause();
    all.exchanges[tries].refuse(new Error('busy'));
  }
  await failed;
  assert.equal(all.exchanges.length, 5);
  assert.equal(all.connection.signalingState, 'stable');
});

test('a restart is an offer with the same list, folded like any other change', async () => {
  const all = setUp();
  await publish(all, [mic()]);
  const out = all.publisher.set([mic(), cam()]);
  await settle();
  const restart = all.publisher.restart();
  assert.equal(all.connection.restarts, 1);
  await settle();
  assert.equal(all.exchanges.length, 2, 'an offer is out');
  all.exchanges[1].accept();
  await settle();
  assert.deepEqual(all.exchanges[2].streams, all.exchanges[1].streams);
  assert.ok(all.exchanges[2].offer);
  assert.equal(all.connection.signalingState, 'stable', 'set now, its candidates would come before the offer is read');
  all.exchanges[2].accept();
  await Promise.all([out, restart]);
});

test('another codec is one offer; the same one, or without video, is none', async () => {
  globalThis.RTCRtpReceiver = { getCapabilities: () => ({ codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/VP9' }] }) };
  const all = setUp();
  await publish(all, [mic()]);
  await all.publisher.setCodec('vp9');
  assert.equal(all.exchanges.length, 1);
  await publish(all, [mic(), cam()]);
  const order = () => all.connection.transceivers[1].codecs.map(({ mimeType }) => mimeType);
  assert.deepEqual(order(), ['video/VP9', 'video/VP8']);
  const change = all.publisher.setCodec('vp8');
  await settle();
  all.exchanges[2].accept();
  await change;
  assert.deepEqual(order(), ['video/VP8', 'video/VP9']);
  await all.publisher.setCodec('vp8');
  assert.equal(all.exchanges.length, 3);
});
