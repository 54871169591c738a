// SPDX-License-Identifier: GPL-3.0-only
// Session descriptions nobody should send. Each gets an answer or a numbered refusal, from the plugin or from the core
// before it; nobody else in the room notices, and the server goes on.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, Connection, JanusError, MICROPHONE, Participant, ROOM, whoIsIn } from '../lib/client.mjs';
import { janusForThisFile } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';
import { seeded } from '../lib/random.mjs';
import { PublisherModel } from '../lib/sdp.mjs';

const SEED = Number(process.env.BUZZ_TEST_SEED ?? 20240229);
const MUTATIONS = 1000;
const STREAMS = [MICROPHONE, CAMERA];
const QUIET_MS = 300;
const REPLY_MS = 20000; // a thousand m-lines take their time with a sanitizer
const CORE_BAD_SDP = 465; // Janus's own, as are 456 (missing), 464 (type), 467 (form) and 469 (unasked answer) below

const janus = await janusForThisFile();

/** One join with this description on a handle of its own: 'joined', or the code it was refused with. */
async function tryJoin(connection, jsep) {
  const [pub] = await connection.attach(1);
  let outcome;
  try {
    const { data } = await pub.request({ request: 'join', ...ROOM, display: 'Abuser', streams: STREAMS }, jsep, REPLY_MS);
    outcome = data.error_code ?? data.buzz;
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    outcome = error.code;
  }
  await pub.detach();
  return outcome;
}

const lines = (text) => text.split('\r\n');
const offer = () => new PublisherModel().offer(STREAMS);
const changed = (change) => ({ type: 'offer', sdp: change(offer().sdp) });

/** A good m-line so many times, with mids of its own. */
function manySections(count, media) {
  const { sdp } = offer();
  const section = sdp.slice(sdp.indexOf('m=audio'), sdp.indexOf('m=video')).replace('m=audio', `m=${media}`);
  const more = Array.from({ length: count }, (_, i) => section.replace('a=mid:0', `a=mid:x${i}`));
  return sdp + more.join('');
}

/** What, and the code it is refused with. */
const REFUSED = [
  ['no description', undefined, 435],
  ['an empty one', { type: 'offer', sdp: '' }, 465],
  ['one line', { type: 'offer', sdp: 'v=0\r\n' }, 465],
  ['no m-lines', changed((sdp) => sdp.slice(0, sdp.indexOf('m='))), 465],
  ['words', { type: 'offer', sdp: 'hello' }, 465],
  ['a number', { type: 'offer', sdp: 5 }, 467],
  ['no sdp at all', { type: 'offer' }, 456],
  ['an answer', { type: 'answer', sdp: offer().sdp }, 469],
  ['another type', { type: 'pranswer', sdp: offer().sdp }, 464],
  ['only audio', changed((sdp) => sdp.slice(0, sdp.indexOf('m=video'))), 435],
  ['media exchanged', changed((sdp) => sdp.replaceAll(/a=mid:([01])/g, (_, mid) => `a=mid:${1 - mid}`)), 435],
  ['nothing to send', changed((sdp) => sdp.replaceAll('a=sendonly', 'a=recvonly')), 435],
  ['rejected m-lines', changed((sdp) => sdp.replaceAll(/^m=(\w+) 9 /gm, 'm=$1 0 ')), 435],
  ['codecs nobody knows', changed((sdp) => sdp.replaceAll(/opus|VP8|VP9|H264|AV1/g, 'h263')), 435],
  ['other mids', changed((sdp) => sdp.replaceAll('a=mid:', 'a=mid:z')), 435],
  ['two m-lines of one mid', changed((sdp) => sdp.replace('a=mid:1', 'a=mid:0')), 435],
  ['200 m-lines', { type: 'offer', sdp: manySections(200, 'audio') }, 435],
  ['1,000 m-lines', { type: 'offer', sdp: manySections(1000, 'video') }, 435],
];

test('descriptions that cannot be used are refused', { timeout: 60000 }, async (t) => {
  const witness = await Participant.join(janus.url, { display: 'Witness', streams: STREAMS });
  const connection = await Connection.open(janus.url);
  t.after(() => Promise.all([witness.drop(), connection.drop()]));
  witness.pub.skip();
  witness.sub.skip();
  for (const [name, jsep, code] of REFUSED) {
    const outcome = await tryJoin(connection, jsep);
    assert.equal(outcome, code, name);
  }
  await sleep(QUIET_MS);
  assert.deepEqual(witness.pub.pending(), []);
  assert.deepEqual(witness.sub.pending(), []);
});

const DATA_CHANNEL = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:d', 'a=sctp-port:5000', '']
  .join('\r\n');

const ACCEPTED = [
  ['LF only', changed((sdp) => sdp.replaceAll('\r\n', '\n'))],
  ['unknown attributes', changed((sdp) => sdp.replaceAll('a=rtcp-mux', 'a=rtcp-mux\r\na=x-unknown:1\r\na=y'))],
  ['an attribute of 60 KiB', changed((sdp) => `${sdp}a=x:${'y'.repeat(60000)}\r\n`)],
  ['a data channel', changed((sdp) => sdp + DATA_CHANNEL)],
];

test('strange but usable descriptions are answered', { timeout: 30000 }, async (t) => {
  const connection = await Connection.open(janus.url);
  t.after(() => connection.drop());
  for (const [name, jsep] of ACCEPTED) assert.equal(await tryJoin(connection, jsep), 'joined', name);
});

/** One change at a place that chance picks. */
const MUTATE = [
  (text, random) => text.slice(0, random.below(text.length)),
  (text, random) => edit(text, (all) => all.splice(random.below(all.length), 1 + random.below(4))),
  (text, random) => edit(text, (all) => all.splice(random.below(all.length), 0, random.pick(all))),
  (text, random) => edit(text, (all) => {
    const [a, b] = [random.below(all.length), random.below(all.length)];
    [all[a], all[b]] = [all[b], all[a]];
  }),
  (text, random) => replaceAt(text, random.below(text.length), String.fromCharCode(32 + random.below(95))),
  (text, random) => replaceAt(text, random.below(text.length), random.pick(['\u0001', '\u00e9', '\ufeff', '\n', '\t', '%n%s'])),
  (text, random) => nthNumber(text, random, () => random.pick(['-1', '0', '65536', '4294967296', '99999999999999999999', '1e9'])),
  (text, random) => edit(text, (all) => {
    const at = random.below(all.length);
    all[at] = `${all[at]}${'A'.repeat(1 + random.below(20000))}`;
  }),
  (text, random) => edit(text, (all) => {
    const at = random.below(all.length);
    all[at] = all[at].replace(/[:=].*/, random.pick([':', '=', ': ', '']));
  }),
];

function edit(text, change) {
  const all = lines(text);
  change(all);
  return all.join('\r\n');
}

function replaceAt(text, at, by) {
  return text.slice(0, at) + by + text.slice(at + 1);
}

function nthNumber(text, random, by) {
  const numbers = [...text.matchAll(/\d+/g)];
  const { index, 0: number } = random.pick(numbers);
  return text.slice(0, index) + by() + text.slice(index + number.length);
}

test(`${MUTATIONS} damaged offers, seed ${SEED}`, { timeout: 180000 }, async (t) => {
  const random = seeded(SEED);
  const witness = await Participant.join(janus.url, { room: 'other', display: 'Witness' });
  t.after(() => witness.drop());
  witness.pub.skip();
  let connection = await Connection.open(janus.url);
  t.after(() => connection.drop());
  const outcomes = new Map();
  for (let i = 0; i < MUTATIONS; i++) {
    let { sdp } = offer();
    for (let n = 1 + random.below(3); n > 0; n--) sdp = random.pick(MUTATE)(sdp, random) || 'v=0';
    let outcome;
    try {
      outcome = await tryJoin(connection, { type: 'offer', sdp });
    } catch (error) {
      throw new Error(`mutation ${i}: ${error.message}\n${sdp}`);
    }
    assert.ok(['joined', 432, 435, CORE_BAD_SDP].includes(outcome), `mutation ${i}: ${outcome}\n${sdp}`);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  t.diagnostic(`outcomes: ${JSON.stringify([...outcomes])}`);
  assert.ok(outcomes.get('joined') > MUTATIONS / 20, 'some were still usable');
  assert.ok(outcomes.get(435) > MUTATIONS / 20, 'some reached the plugin and were refused there');
  assert.deepEqual(witness.pub.pending(), []);
  assert.deepEqual(await whoIsIn(janus.url), []);
});

test('a member whose next offer is refused stays what it was', { timeout: 30000 }, async (t) => {
  const witness = await Participant.join(janus.url, { display: 'Witness' });
  const one = await Participant.join(janus.url, { streams: STREAMS });
  t.after(() => Promise.all([witness.drop(), one.drop()]));
  await witness.slotsFit(({ slots }) => slots.length === 2);
  witness.pub.skip();
  witness.sub.skip();
  const missing = [...STREAMS, { stream: 'screen', kind: 'screen', mid: '7' }];
  assert.equal((await one.publish(missing, { offer: false })).data.error_code, 435, 'a mid that was never offered');
  assert.equal((await one.pub.request({ request: 'publish', streams: missing }, offer())).data.error_code, 435);
  const swapped = [{ ...MICROPHONE, mid: '1' }, { ...CAMERA, mid: '0' }];
  assert.equal((await one.pub.request({ request: 'publish', streams: swapped })).data.error_code, 435);
  await sleep(QUIET_MS);
  assert.deepEqual(witness.pub.pending(), []);
  assert.deepEqual(witness.sub.pending(), []);
  const { data } = await one.publish(STREAMS);
  assert.deepEqual(data.streams.map(({ stream, mid }) => [stream, mid]), [['mic', '0'], ['cam', '1']]);
});

test('thousands of candidates are a nuisance to nobody', { timeout: 30000 }, async (t) => {
  const witness = await Participant.join(janus.url, { room: 'calm' });
  const one = await Participant.join(janus.url, { streams: STREAMS });
  t.after(() => Promise.all([witness.drop(), one.drop()]));
  for (let i = 0; i < 3000; i++) {
    const candidate = `candidate:${i} 1 udp 2122260223 192.0.2.${1 + (i % 250)} ${1024 + i} typ host generation 0`;
    one.connection.send({ janus: 'trickle', handle_id: one.pub.id, candidate: { candidate, sdpMid: '0', sdpMLineIndex: 0 } });
  }
  one.connection.send({ janus: 'trickle', handle_id: one.pub.id, candidate: { candidate: 'x'.repeat(10000), sdpMid: '0' } });
  const started = performance.now();
  await witness.publish([], { offer: false });
  assert.ok(performance.now() - started < 1000, 'somebody else is answered in time');
  assert.equal((await one.leave()).data.buzz, 'left');
});
