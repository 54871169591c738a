// SPDX-License-Identifier: GPL-3.0-only
// Reports: collected from everyone, whoever lies, floods, leaves or stays silent; stored whole or not at all; read only by
// those in the room.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { Connection, Participant, ROOM } from '../lib/client.mjs';
import { janusForThisFile, startJanus } from '../lib/janus.mjs';
import { until } from '../lib/process.mjs';
import { listReports, logEntry as entry, readReport as read, sendPart as part, storedText } from '../lib/report.mjs';

const DEADLINE_MS = 4000; // on a busy machine a part may take a while
const LOG_MAX = 200000;

const base = mkdtempSync(join(tmpdir(), 'buzz-reports-'));
const folder = join(base, 'reports');
mkdirSync(folder);
const HALF = '.buzz-report-halfwritten';
writeFileSync(join(folder, HALF), '{"half":');
const SETTINGS = { folder, deadline: DEADLINE_MS / 1000, max_bytes: LOG_MAX, min_interval: 0 };

const janus = await janusForThisFile({ settings: { reports: SETTINGS } });
after(() => rmSync(base, { recursive: true, force: true }));

let rooms = 0;

/** People in a room that no other test has, who are gone when the test ends. */
async function people(t, count, room = `report/${++rooms}`) {
  const all = [];
  for (let i = 0; i < count; i++) {
    all.push(await Participant.join(janus.url, { room, display: `P${i}`, watch: false }));
  }
  t.after(() => Promise.all(all.map((one) => one.drop())));
  return all;
}

/** Asks for a report; returns its id when everybody has been asked for a log. */
async function file(by, all, text = 'No sound') {
  const { data } = await by.pub.request({ request: 'report', text });
  assert.equal(data.buzz, 'report', JSON.stringify(data));
  assert.equal(data.expected, all.length);
  for (const one of all) {
    const event = await one.pub.next({ buzz: 'collect', report: data.report });
    assert.equal(event.data.deadline_ms, DEADLINE_MS);
    assert.equal(event.data.max_bytes, LOG_MAX);
  }
  return data.report;
}

const result = (by, report) => by.pub.next({ buzz: 'reported', report }, DEADLINE_MS + 5000).then(({ data }) => data);

const fileOf = (report) => JSON.parse(storedText(folder, report));

test('what a crash left half-written is removed at the start, and nothing else', { timeout: 30000 }, async (t) => {
  await people(t, 1);
  await until('the half-written file is gone', () => !existsSync(join(folder, HALF)));
});

test('the clock of the server', { timeout: 30000 }, async (t) => {
  const [one] = await people(t, 1);
  const before = Date.now();
  const { data } = await one.pub.request({ request: 'clock' });
  assert.ok(data.server_ms >= before - 50 && data.server_ms <= Date.now() + 50, `${data.server_ms - before} ms`);
});

test('three are collected, their clocks noted, and the server tells its side', { timeout: 30000 }, async (t) => {
  const all = await people(t, 3);
  const report = await file(all[0], all, 'Nobody hears me <img src=x onerror=alert(1)>');
  for (let i = 0; i < 3; i++) {
    const text = `<b>line</b> of ${i} a=ice-pwd:hunter2 from 192.0.2.${i}`;
    const first = await part(all[i], report, 0, false, [entry(text)], { offset_ms: -10 * i, error_ms: i });
    assert.deepEqual(first, { buzz: 'logged', report, part: 0 });
    await part(all[i], report, 1, true, [entry('last', { data: { rtt: 12.5 }, connection: 'pub', stream: 'cam' })], { offset_ms: -10 * i, error_ms: i });
    const progress = await all[0].pub.next('progress');
    assert.deepEqual(progress.data, { buzz: 'progress', report, collected: i + 1, expected: 3 });
  }
  assert.deepEqual(await result(all[0], report), { buzz: 'reported', report, collected: 3, expected: 3, stored: true });
  const made = fileOf(report);
  assert.deepEqual([made.format, made.id, made.tenant, made.room, made.by], [1, report, ROOM.tenant, all[0].joined.room, all[0].id]);
  assert.equal(made.text, 'Nobody hears me <img src=x onerror=alert(1)>', 'markup stays text');
  made.participants.forEach(({ id, offset_ms: offset, error_ms: error, complete, entries }, i) => {
    assert.deepEqual([id, offset, error, complete, entries.length], [all[i].id, 0 - 10 * i, i, true, 2]);
  });
  const text = JSON.stringify(made);
  assert.ok(!text.includes('hunter2') && !text.includes('192.0.2.'), 'the server redacts what a client did not');
  assert.ok(all.every(({ seat }) => !text.includes(seat)), 'no seats');
  assert.ok(made.server.entries.some(({ text: line, participant }) => /^joined/.test(line) && participant === all[2].id));
  assert.equal(await read(all[1], report), storedText(folder, report));
});

test('one is silent, one leaves, one floods, one lies about parts: each spoils only its own log', { timeout: 30000 }, async (t) => {
  const all = await people(t, 6);
  const [good, silent, leaver, flooder, liar, twice] = all;
  const report = await file(good, all);
  await part(good, report, 0, true, [entry('all is well')]);
  await part(leaver, report, 0, false, [entry('half of it')]);
  await leaver.leave();
  assert.equal((await part(liar, report, 7, true, [entry('x')])).error_code, 432);
  assert.equal((await part(liar, report, 0, true, [entry('x')])).error_code, 440, 'its log is closed');
  await part(twice, report, 0, true, [entry('once')]);
  assert.equal((await part(twice, report, 1, true, [entry('again')])).error_code, 440);
  const big = Array.from({ length: 40 }, () => entry('x'.repeat(1000)));
  let refused;
  for (let i = 0; !refused; i++) refused = (await part(flooder, report, i, false, big)).error_code;
  assert.equal(refused, 432);
  const late = performance.now();
  const { collected, expected, stored: isStored } = await result(good, report);
  assert.ok(performance.now() - late < DEADLINE_MS + 3000);
  assert.deepEqual([collected, expected, isStored], [2, 6, true]);
  const rows = new Map(fileOf(report).participants.map((one) => [one.id, one]));
  assert.deepEqual([good, silent, leaver, flooder, liar, twice].map(({ id }) => rows.get(id).reason), [
    undefined, 'deadline', 'left', 'too_large', 'out_of_order', undefined,
  ]);
  assert.ok(JSON.stringify(rows.get(flooder.id)).length <= LOG_MAX + 300);
  assert.equal(rows.get(leaver.id).entries.length, 1, 'what had come is kept');
  assert.equal((await part(silent, report, 0, true, [])).error_code, 458, 'too late');
});

test('names that are paths, entries that are none, logs nobody asked for', { timeout: 30000 }, async (t) => {
  const [one] = await people(t, 1);
  const before = readdirSync(base).join();
  for (const name of ['../../etc/passwd', '/etc/passwd', '..', 'a/b', 'report.json', 'ä', '%2e%2e']) {
    assert.equal((await part(one, name, 0, true, [])).error_code, 432, name);
    assert.equal((await one.pub.request({ request: 'read_report', report: name, offset: 0 })).data.error_code, 432, name);
  }
  assert.equal((await part(one, 'abcdefgh', 0, true, [])).error_code, 458);
  assert.equal((await read(one, 'abcdefgh')).error_code, 458);
  for (const entries of ['x', {}, [[]], [{ time: 1 }], [entry('x'.repeat(17000))], Array(3000).fill(entry(''))]) {
    const { error_code: code } = await part(one, 'abcdefgh', 0, true, entries);
    assert.ok(code === 431 || code === 432, `${code} for ${JSON.stringify(entries).slice(0, 40)}`);
  }
  assert.equal(readdirSync(base).join(), before);
});

test('five upload at once in many parts, and nothing is lost', { timeout: 30000 }, async (t) => {
  const all = await people(t, 5);
  const report = await file(all[0], all);
  await Promise.all(all.map(async (one, who) => {
    const answers = Array.from({ length: 12 }, (_, i) => one.pub.numbered({
      request: 'log', report, part: i, last: i === 11, offset_ms: 0, error_ms: 0,
      entries: Array.from({ length: 20 }, (__, j) => entry(`${who}/${i}/${j}`)),
    }));
    for (const { data } of await Promise.all(answers)) assert.equal(data.buzz, 'logged', JSON.stringify(data));
  }));
  assert.equal((await result(all[0], report)).collected, 5);
  fileOf(report).participants.forEach(({ entries }, who) => {
    const expected = Array.from({ length: 240 }, (_, k) => `${who}/${Math.floor(k / 20)}/${k % 20}`);
    assert.deepEqual(entries.map(({ text }) => text), expected);
  });
});

test('two rooms report at once, and each report has its own room’s logs', { timeout: 30000 }, async (t) => {
  const rooms = await Promise.all([people(t, 3), people(t, 3)]);
  const reports = await Promise.all(rooms.map((all, i) => file(all[0], all, `room ${i}`)));
  await Promise.all(rooms.flatMap((all, i) => all.map((one) => part(one, reports[i], 0, true, [entry(`of ${one.id}`)]))));
  for (const [i, all] of rooms.entries()) {
    const { collected, expected, stored } = await result(all[0], reports[i]);
    assert.deepEqual([collected, expected, stored], [3, 3, true]);
    const made = fileOf(reports[i]);
    assert.deepEqual([made.text, made.room], [`room ${i}`, all[0].joined.room]);
    assert.deepEqual(made.participants.map(({ entries }) => entries[0].text), all.map(({ id }) => `of ${id}`));
    assert.ok(made.server.entries.every(({ participant }) => !participant || all.some(({ id }) => id === participant)));
  }
});

test('the one who asked is gone before the end: the report is stored, and the others may read it', { timeout: 30000 }, async (t) => {
  const all = await people(t, 3);
  const report = await file(all[0], all);
  await part(all[0], report, 0, true, [entry('mine')]);
  await all[0].leave(); // as a tab does that is closed
  await all[0].connection.vanish();
  await all[1].pub.next({ buzz: 'left', participant: all[0].id });
  for (const one of all.slice(1)) await part(one, report, 0, true, [entry('theirs')]);
  await until('the file is there', () => listReports(folder).stored.some((name) => name.includes(report)));
  assert.deepEqual(fileOf(report).participants.map(({ complete }) => complete), [true, true, true]);
  assert.equal(JSON.parse(await read(all[2], report)).by, all[0].id);
});

test('a log that is no JSON, in whatever way, harms nobody', { timeout: 30000 }, async (t) => {
  const all = await people(t, 2);
  const report = await file(all[0], all);
  const { pid } = janus;
  const log = { request: 'log', report, part: 0, last: true, offset_ms: 0, error_ms: 0, entries: ['@'] };
  for (const raw of ['not json', '{"entries":', '\\ud800', '\u0000', `[${'['.repeat(5000)}`]) {
    all[1].pub.post(log, undefined, (text) => text.replace('"@"', raw));
  }
  for (const body of ['no report', null, 7, [log], JSON.stringify(log)]) {
    await assert.rejects(all[1].pub.request(body).then(({ data }) => {
      if (data.error_code) throw new Error(data.error);
    }));
  }
  for (const one of all) assert.equal((await part(one, report, 0, true, [entry('still here')])).buzz, 'logged');
  assert.equal((await result(all[0], report)).collected, 2);
  assert.equal(janus.pid, pid);
  process.kill(pid, 0); // the same Janus lives
});

test('whoever has a connection for each of the others is collected like everybody', { timeout: 30000 }, async (t) => {
  const all = await people(t, 2);
  const report = await file(all[0], all);
  const connection = `sub:${all[1].id}`;
  for (const one of all) assert.equal((await part(one, report, 0, true, [entry('up', { connection })])).buzz, 'logged');
  await result(all[0], report);
  assert.equal(fileOf(report).participants[0].entries[0].connection, connection);
});

test('one report at a time', { timeout: 30000 }, async (t) => {
  const all = await people(t, 2);
  const report = await file(all[0], all);
  assert.equal((await all[1].pub.request({ request: 'report', text: 'me too' })).data.error_code, 453);
  for (const one of all) await part(one, report, 0, true, []);
  await result(all[0], report);
  const next = await file(all[1], all);
  for (const one of all) await part(one, next, 0, true, []);
  await result(all[1], next);
});

test('rooms that look alike do not mix, and nobody outside may read', { timeout: 30000 }, async (t) => {
  const [a] = await people(t, 1, 'a_b');
  const [b] = await people(t, 1, 'a/b');
  const [stranger] = await (await Connection.open(janus.url)).attach(1);
  t.after(() => stranger.connection.drop());
  const report = await file(a, [a]);
  assert.equal((await part(b, report, 0, true, [entry('intruder')])).error_code, 458);
  await part(a, report, 0, true, [entry('mine')]);
  await result(a, report);
  assert.equal(JSON.parse(await read(a, report)).room, 'a_b');
  assert.equal((await read(b, report)).error_code, 458);
  for (const body of [{ request: 'read_report', report, offset: 0 }, { request: 'report', text: 'x' }, { request: 'clock' }]) {
    assert.equal((await stranger.request(body)).data.error_code, 440);
  }
});

test('SUB takes none of these requests', { timeout: 30000 }, async (t) => {
  const one = await Participant.join(janus.url);
  t.after(() => one.drop());
  for (const body of [{ request: 'report', text: 'x' }, { request: 'clock' }, { request: 'read_report', report: 'a', offset: 0 }]) {
    assert.equal((await one.sub.request(body)).data.error_code, 440);
  }
});

/** A report that cannot be stored: the person is told why, nothing stays, and the room goes on. */
async function notStored(t, expected) {
  const all = await people(t, 2);
  const names = () => (statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : []);
  const before = names();
  const report = await file(all[0], all);
  for (const one of all) await part(one, report, 0, true, [entry('x'.repeat(9000)), entry('y'.repeat(9000))]);
  const { stored: isStored, reason, collected } = await result(all[0], report);
  assert.deepEqual([isStored, reason, collected], [false, expected, 2]);
  assert.deepEqual(names(), before, 'nothing half-written stays');
  const { data } = await all[1].publish([], { offer: false });
  assert.equal(data.buzz, 'published', 'signalling goes on');
  const late = await Participant.join(janus.url, { room: all[0].joined.room, watch: false });
  assert.equal((await late.leave()).data.buzz, 'left', 'so do joining and leaving');
  await late.drop();
}

test('the folder vanishes, and comes back', { timeout: 30000 }, async (t) => {
  renameSync(folder, `${folder}.away`);
  await notStored(t, 'no_folder');
  assert.ok(!existsSync(folder), 'it is not made anew somewhere else');
  renameSync(`${folder}.away`, folder);
  const [one] = await people(t, 1);
  const report = await file(one, [one]);
  await part(one, report, 0, true, []);
  assert.equal((await result(one, report)).stored, true);
});

test('a file stands where the folder was', { timeout: 30000 }, async (t) => {
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, '');
  t.after(() => {
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
  });
  await notStored(t, 'no_folder');
});

test('the disk is full, or may not be written: a small file system of its own', { timeout: 60000 }, async (t) => {
  renameSync(folder, `${folder}.away`);
  mkdirSync(folder);
  // needs root and the right to mount, as a CI container has it; without, the test fails rather than say nothing
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k,mode=755', 'tmpfs', folder]);
  t.after(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
    renameSync(`${folder}.away`, folder);
  });
  await notStored(t, 'full');
  assert.deepEqual(listReports(folder).others, []);
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  await notStored(t, 'not_writable');
});

test('max_reports, min_interval, and a folder that others cannot look into', { timeout: 60000 }, async (t) => {
  const small = join(base, 'small');
  mkdirSync(small, { mode: 0o700 });
  chmodSync(small, 0o700);
  const other = await startJanus({ settings: { reports: { folder: small, max_reports: 1, min_interval: 60 } } });
  t.after(() => other.stop());
  const join2 = () => Participant.join(other.url, { watch: false });
  const make = async (one) => {
    const { data } = await one.pub.request({ request: 'report', text: 'x' });
    if (data.buzz === 'error') return data;
    await part(one, data.report, 0, true, []);
    return result(one, data.report);
  };
  const one = await join2();
  assert.equal((await make(one)).stored, true);
  assert.equal((await make(one)).error_code, 453, 'too soon');
  await one.leave();
  await one.drop();
  const two = await join2();
  assert.deepEqual(await make(two).then(({ stored: isStored, reason }) => [isStored, reason]), [false, 'too_many']);
  assert.equal(readdirSync(small).length, 1, 'none was deleted for it');
  await two.drop();
});

test('a server without a folder says so', { timeout: 60000 }, async (t) => {
  const other = await startJanus({ settings: { reports: { folder: '' } } });
  t.after(() => other.stop());
  const one = await Participant.join(other.url, { watch: false });
  assert.equal((await one.pub.request({ request: 'report', text: 'x' })).data.error_code, 457);
  assert.equal((await one.pub.request({ request: 'read_report', report: 'x', offset: 0 })).data.error_code, 457);
  assert.ok((await one.pub.request({ request: 'clock' })).data.server_ms > 0);
  await one.drop();
});
