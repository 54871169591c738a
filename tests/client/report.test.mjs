// SPDX-License-Identifier: GPL-3.0-only
// What becomes of a page's log: folded, redacted, measured, cut into parts, merged with everyone else's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { measureOffset } from '../../html/js/report/clock.js';
import { diffLines } from '../../html/js/report/diff.js';
import { makeFilter } from '../../html/js/report/filter.js';
import { createLog } from '../../html/js/report/log.js';
import { mergeReport } from '../../html/js/report/merge.js';
import { redact } from '../../html/js/report/redact.js';
import { compareStats, createSeries } from '../../html/js/report/series.js';
import { fetchReport } from '../../html/js/report/share.js';
import { makeParts, sendParts } from '../../html/js/report/upload.js';

const line = (time, text, more = {}) => ({
  time,
  level: 'info',
  kind: 'room',
  participant: 'p1',
  connection: '',
  stream: '',
  text,
  ...more,
});

test('redaction is that of the server', () => {
  const rows = JSON.parse(readFileSync(new URL('../data/redact.json', import.meta.url), 'utf8'));
  assert.ok(rows.length > 20);
  for (const [text, expected] of rows) {
    assert.equal(redact(text), expected);
    assert.equal(redact(expected), expected, 'twice is as good as once');
  }
});

test('redaction takes the addresses out of real descriptions, and leaves the rest', () => {
  for (const name of ['chromium-mixed', 'firefox-mixed']) {
    const sdp = readFileSync(new URL(`../data/sdp/${name}.sdp`, import.meta.url), 'utf8');
    assert.match(sdp, /IN IP4 [1-9]/);
    const out = redact(sdp);
    assert.doesNotMatch(out, /IN IP4 [1-9]/);
    assert.equal(out.split('\n').length, sdp.split('\n').length);
    assert.match(out, /^a=rtpmap:\d+ opus\/48000\/2/m);
  }
});

test('equal lines in a row are one, with the time of each; another stream is another line', () => {
  let now = 0;
  const log = createLog(10, () => ++now);
  for (let i = 0; i < 3; i++) log.add({ kind: 'ice', text: 'again' });
  log.add({ kind: 'ice', stream: 'cam', text: 'again' });
  log.add({ kind: 'ice', text: 'again' });
  const rows = log.entries().map(({ time, repeats, stream }) => [time, repeats, stream]);
  assert.deepEqual(rows, [[1, [1, 2], ''], [4, [], 'cam'], [5, [], '']]);
});

test('a line that never stops coming loses no time: it becomes another entry', () => {
  let now = 0;
  const log = createLog(10, () => ++now);
  for (let i = 0; i < 600; i++) log.add({ kind: 'ice', text: 'again' });
  const times = log.entries().flatMap(({ time, repeats }) => [time, ...repeats.map((after) => time + after)]);
  assert.deepEqual(times, Array.from({ length: 600 }, (_, i) => i + 1));
  assert.deepEqual(log.entries().map(({ repeats }) => repeats.length), [256, 256, 85]);
  const { timeline } = mergeReport({ format: 1, participants: [{ id: 'p1', entries: makeParts(log.entries(), [], 1 << 20).flat() }] });
  assert.deepEqual(timeline.map(({ time, repeats }) => [time, repeats.at(-1)]), [[1, 256], [258, 256], [515, 85]]);
});

/** A server whose clock is `ahead` of ours, at the end of ways of these many ms there and back. */
function fakeServer(ways, ahead) {
  let now = 1000;
  return {
    now: () => now,
    async ask() {
      const [there, back] = ways.shift();
      now += there;
      const server = now + ahead;
      now += back;
      return server;
    },
  };
}

test('the clock: the quickest answer counts, and the error bounds how wrong it is', async () => {
  const fair = fakeServer([[50, 50], [5, 5], [80, 20]], -7000);
  assert.deepEqual(await measureOffset(fair.ask, 3, fair.now), { offset_ms: -7000, error_ms: 6 });
  for (const way of [[0, 40], [40, 0], [1, 38]]) {
    const unfair = fakeServer([way], 250);
    const { offset_ms: offset, error_ms: error } = await measureOffset(unfair.ask, 1, unfair.now);
    assert.ok(Math.abs(offset - 250) <= error, `${offset} ± ${error}`);
  }
});

test('the clock: what clocks that tell whole milliseconds leave out is in the error', async () => {
  for (const ahead of [-0.9, -0.5, 0.4, 0.9]) {
    for (const way of [[0, 0], [0.05, 0.05], [0.3, 0.9], [2, 0.1]]) {
      const exact = fakeServer([way], ahead);
      const whole = { now: () => Math.floor(exact.now()), ask: async () => Math.floor(await exact.ask()) };
      const { offset_ms: offset, error_ms: error } = await measureOffset(whole.ask, 1, whole.now);
      assert.ok(Math.abs(offset - ahead) <= error, `${offset} ± ${error}, and ${ahead} is true`);
    }
  }
});

test('the clock: one that is set back meanwhile gives no offset', async () => {
  const set = fakeServer([[-100, -100]], 0);
  await assert.rejects(measureOffset(set.ask, 1, set.now), /being set/);
});

const bytes = (part) => new TextEncoder().encode(JSON.stringify(part)).length;

test('parts: below the limit, newest first, nothing lost while it fits', () => {
  const lines = Array.from({ length: 3000 }, (_, i) => line(i, `line ${i} ${'ü'.repeat(20)}`));
  const parts = makeParts(lines, [], 1 << 20);
  assert.ok(parts.length > 1);
  for (const part of parts) assert.ok(bytes(part) <= 48 * 1024 && part.length <= 2048);
  assert.deepEqual(parts.flat().map(({ time }) => time), lines.map(({ time }) => time).reverse());
});

test('parts: what does not fit is the oldest, and statistics do not crowd out lines', () => {
  const lines = Array.from({ length: 1000 }, (_, i) => line(i, 'x'.repeat(100)));
  const samples = Array.from({ length: 1000 }, (_, i) => line(i, '', { kind: 'stats', data: { bitrate: i } }));
  const all = makeParts(lines, samples, 50_000).flat();
  assert.ok(bytes(all) <= 50_000);
  const kept = all.filter(({ kind }) => kind === 'room');
  assert.equal(kept[0].time, 999);
  assert.ok(kept.length > 120, `${kept.length} lines`);
  assert.ok(all.length > kept.length, 'some statistics');
});

test('parts: an empty log is one empty part; a long text and half a surrogate pair survive the way', () => {
  assert.deepEqual(makeParts([], [], 1 << 20), [[]]);
  const sdp = Array.from({ length: 4000 }, (_, i) => `a=line:${i} 😀`).join('\r\n');
  const parts = makeParts([line(5, sdp, { kind: 'sdp' }), line(6, 'half \ud800 of it')], [], 1 << 20);
  for (const entry of parts.flat()) assert.ok(new TextEncoder().encode(entry.text).length <= 16384);
  const file = { format: 1, participants: [{ id: 'p1', entries: parts.flat() }] };
  const { timeline } = mergeReport(JSON.parse(JSON.stringify(file)));
  assert.deepEqual(timeline.map(({ text }) => text), [sdp, 'half \ufffd of it']);
  assert.deepEqual(timeline[0].data, {});
});

test('parts are numbered, the last one says so, and a refusal ends the sending', async () => {
  const sent = [];
  const parts = Array.from({ length: 20 }, () => []);
  await sendParts(parts, async ({ part, last }) => sent.push([part, last]));
  assert.deepEqual(sent, parts.map((_, i) => [i, i === 19]));
  let tried = 0;
  const refuse = async () => {
    tried += 1;
    throw new Error('too large');
  };
  await assert.rejects(sendParts(parts, refuse), /too large/);
  assert.ok(tried <= 8);
});

const REPORT = {
  format: 1,
  id: 'r1',
  tenant: 'school.example',
  room: 'maths',
  text: '<b>No</b> sound',
  by: 'p1',
  started: 5000,
  server: {
    version: '0.1.0',
    took_ms: 2000,
    streams: [{ participant: 'p1', stream: 'cam', codec: 'vp8', packets: 9, bytes: 900, bytes_before: 400, keyframes_asked: 2 }],
    entries: [{ time: 1500, level: 'info', kind: 'room', participant: 'p1', text: 'joined' }],
  },
  participants: [
    {
      id: 'p1',
      display: 'Ada',
      offset_ms: 1000,
      error_ms: 4,
      complete: true,
      entries: [
        { time: 600, repeats: [40, 100], level: 'warn', kind: 'ice', text: 'b' },
        { time: 300, level: 'info', kind: 'stats', stream: 'cam', text: '', data: { bitrate: 5, evil: 'x' } },
      ],
    },
    {
      id: 'p2',
      display: 'Bob',
      offset_ms: -9000,
      error_ms: 4,
      complete: false,
      reason: 'deadline',
      entries: [{ time: 10400, text: 'a' }],
    },
  ],
};

test('merging puts everyone and the server on one clock', () => {
  const merged = mergeReport(REPORT);
  assert.deepEqual(merged.timeline.map(({ time, repeats, source, text }) => [time, repeats, source, text]), [
    [1400, [], 'p2', 'a'],
    [1500, [], 'server', 'joined'],
    [1600, [40, 100], 'p1', 'b'],
  ]);
  assert.deepEqual(merged.samples.map(({ time, data }) => [time, data]), [[1300, { bitrate: 5 }]]);
  const { newBytes, keyframes, switches, to } = merged.flows[0];
  assert.deepEqual([merged.tookMs, newBytes, keyframes, switches, to], [2000, 500, 2, null, '']);
  assert.equal(merged.text, '<b>No</b> sound');
  assert.deepEqual(merged.people.map(({ display, complete, reason, offset }) => [display, complete, reason, offset]), [
    ['Ada', true, '', 1000],
    ['Bob', false, 'deadline', -9000],
  ]);
});

test('lines of the same instant stay in their order, though parts come newest first', () => {
  const lines = [[1, 'a'], [5, 'b'], [5, 'c'], [5, 'd'], [9, 'e']].map(([time, text]) => line(time, text));
  const [entries] = makeParts(lines, [], 1 << 20);
  const { timeline } = mergeReport({ format: 1, participants: [{ id: 'p1', entries }] });
  assert.deepEqual(timeline.map(({ text }) => text), ['a', 'b', 'c', 'd', 'e']);
});

test('merging takes nothing for granted', () => {
  for (const bad of [null, 5, 'x', [], {}, { format: 2 }]) assert.throws(() => mergeReport(bad), /not a report/);
  const strange = [null, 7, { time: 'x', level: 'fatal', kind: {}, text: [], data: [1], repeats: [-5, 'x', null] }, { repeats: 7 }];
  const piece = { time: 1, text: 'a', data: { piece: 3, pieces: 1e9 } };
  const odd = mergeReport({
    format: 1,
    server: { entries: 'x' },
    participants: [null, 5, { entries: strange }, { id: {}, display: 5, offset_ms: 'x', entries: [piece] }],
  });
  assert.equal(odd.people.length, 4);
  assert.equal(odd.timeline.length, 5);
  for (const entry of odd.timeline) {
    assert.equal(typeof entry.text, 'string');
    assert.ok([entry.time, ...entry.repeats].every((time) => Number.isFinite(time) && time >= 0));
    assert.ok(['debug', 'info', 'warn', 'error'].includes(entry.level));
  }
});

test('filters: person, stream, kind and level together', () => {
  const entries = [
    { level: 'debug', kind: 'ice', participant: 'p1', stream: '' },
    { level: 'warn', kind: 'ice', participant: 'p1', stream: 'cam' },
    { level: 'error', kind: 'sdp', participant: 'p2', stream: 'cam', source: 'server' },
  ];
  const rows = [
    [{}, 3],
    [{ level: 'warn' }, 2],
    [{ kind: 'ice' }, 2],
    [{ person: 'p1', stream: 'cam' }, 1],
    [{ person: 'server' }, 1],
    [{ kind: 'sdp', person: 'p1' }, 0],
  ];
  for (const [chosen, expected] of rows) {
    const filter = { person: '', stream: '', kind: '', level: 'debug', ...chosen };
    assert.equal(entries.filter(makeFilter(filter)).length, expected, JSON.stringify(chosen));
  }
});

test('the difference of two descriptions', () => {
  const signs = (a, b) => diffLines(a, b).map(({ sign, text }) => sign + text);
  assert.deepEqual(signs('a\r\nb\r\nc\r\n', 'a\r\nx\r\nc\r\n'), [' a', '-b', '+x', ' c']);
  assert.deepEqual(signs('', 'a\n'), ['+a']);
  assert.deepEqual(signs('a\n', ''), ['-a']);
  assert.deepEqual(signs('a\nb', 'a\nb'), [' a', ' b']);
  assert.deepEqual(signs('a\nb\nc\nd', 'b\nd\ne'), ['-a', ' b', '-c', ' d', '+e']);
});

test('rates from two reports of getStats', () => {
  const before = {
    type: 'inbound-rtp',
    kind: 'video',
    timestamp: 1000,
    bytesReceived: 1000,
    packetsLost: 0,
    packetsReceived: 10,
    framesDecoded: 5,
    freezeCount: 0,
  };
  const counted = { bytesReceived: 51_000, packetsLost: 5, packetsReceived: 105, framesDecoded: 35, freezeCount: 2 };
  const now = { ...before, ...counted, timestamp: 3000, frameHeight: 180 };
  assert.deepEqual(compareStats(now, before), { bitrate: 200, loss: 5, fps: 15, freezes: 2, height: 180 });
  assert.deepEqual(compareStats(before, before), {});
  assert.equal(compareStats({ ...now, bytesReceived: 0 }, before).bitrate, 0, 'a counter that starts anew is no negative rate');
});

test('series keep the newest samples of each stream, and forget streams that ended', () => {
  const series = createSeries(3);
  const cam = { participant: 'p1', connection: 'sub', stream: 'cam' };
  for (let time = 1; time <= 5; time++) series.add(cam, { time, data: { bitrate: time } });
  series.add({ ...cam, stream: 'mic' }, { time: 1, data: {} });
  assert.deepEqual(series.all().map(({ stream, samples }) => [stream, samples.length]), [['cam', 3], ['mic', 1]]);
  series.prune(4);
  assert.deepEqual(series.entries().map(({ time, kind, stream }) => [time, kind, stream]), [
    [3, 'stats', 'cam'],
    [4, 'stats', 'cam'],
    [5, 'stats', 'cam'],
  ]);
});

test('a report is read piece by piece, by bytes', async () => {
  const text = '{"text":"grün 😀"}'.repeat(50);
  const whole = new TextEncoder().encode(text);
  const asked = [];
  const request = async ({ request: name, report, offset }) => {
    asked.push([name, report]);
    let end = Math.min(offset + 100, whole.length);
    while (end < whole.length && (whole[end] & 0xc0) === 0x80) end -= 1;
    return { total: whole.length, text: new TextDecoder().decode(whole.slice(offset, end)) };
  };
  assert.equal(await fetchReport(request, 'r1'), text);
  assert.ok(asked.length > 5);
  assert.deepEqual(asked[0], ['read_report', 'r1']);
});
