// SPDX-License-Identifier: GPL-3.0-only
// Reports of rooms with hundreds of people, and of people with more to say than a report holds: on a server with a single
// worker, so that another room on it would feel them.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { MICROPHONE, Participant } from '../lib/client.mjs';
import { janusForThisFile, startJanus } from '../lib/janus.mjs';
import { sleep } from '../lib/process.mjs';
import { listReports, logEntry, sendLog, storedText } from '../lib/report.mjs';

/** With a sanitizer in Janus everything takes ten times as long. */
const CROWD = process.env.BUZZ_TEST_PRELOAD ? 50 : 300;
const AT_ONCE = 10; // joins
const PARTS = 4;
const LINES = 60; // of a part
const LINE = 200; // characters
const DEADLINE_S = 40;
/** Answers that one person in another room gets, one after the other, while a report is collected. */
const OTHERS_AT_LEAST = 5;
/** For an answer on a machine that is busy with this. */
const PATIENCE_MS = 30000;
const REPORT_MAX = 524288;

const base = mkdtempSync(join(tmpdir(), 'buzz-crowd-'));
const folders = ['large', 'small'].map((name) => join(base, name));
for (const folder of folders) mkdirSync(folder);
after(() => rmSync(base, { recursive: true, force: true }));
const settings = (reports) => ({
  general: { workers: 1 }, rooms: { max_participants: CROWD }, reports: { deadline: DEADLINE_S, min_interval: 0, ...reports },
});
const janus = await janusForThisFile({ settings: settings({ folder: folders[0] }) });

async function crowd(t, url, count, room) {
  const all = [];
  t.after(() => Promise.all(all.map((one) => one.drop())));
  while (all.length < count) {
    const group = Array.from({ length: Math.min(AT_ONCE, count - all.length) }, (_, i) => `P${all.length + i}`);
    all.push(...(await Promise.all(group.map((display) => Participant.join(url, { room, display, watch: false })))));
  }
  return all;
}

const words = (who, part, line) => `${who}/${part}/${line}`.padEnd(LINE, '.');
const logOf = (who) => Array.from({ length: PARTS }, (_, part) => {
  return Array.from({ length: LINES }, (__, line) => logEntry(words(who, part, line)));
});

/** Asks for a report; returns its id. */
async function ask(all) {
  const { data } = await all[0].pub.request({ request: 'report', text: 'All of us' }, undefined, PATIENCE_MS);
  assert.deepEqual([data.buzz, data.expected], ['report', all.length], JSON.stringify(data));
  return data.report;
}

/** One person's log, when it is asked for; returns the server's answers. */
async function upload(one, who, report) {
  await one.pub.next({ buzz: 'collect', report }, 1000 * DEADLINE_S);
  return sendLog(one, report, logOf(who), PATIENCE_MS);
}

/** Somebody in another room goes on asking until told to stop; returns how long the answers took, ms. */
async function askOn(one, isOver) {
  const took = [];
  while (!isOver()) {
    const started = performance.now();
    const streams = [{ ...MICROPHONE, muted: took.length % 2 === 0 }];
    const { data } = await one.pub.request({ request: 'publish', streams }, undefined, PATIENCE_MS);
    assert.equal(data.buzz, 'published');
    took.push(performance.now() - started);
    await sleep(5);
  }
  return took;
}

/** Looks into the folder until the file of a report is there, and takes it as it is then. */
async function firstSight(folder, isOver) {
  while (!listReports(folder).stored.length && !isOver()) await sleep(2);
  const { stored } = listReports(folder);
  return stored.length ? { bytes: statSync(join(folder, stored[0])).size, name: stored[0] } : null;
}

test(`a report of ${CROWD} people is complete, and another room does not notice`, { timeout: 120000 }, async (t) => {
  const other = await Participant.join(janus.url, { room: 'crowd/other', streams: [MICROPHONE], watch: false });
  t.after(() => other.drop());
  const all = await crowd(t, janus.url, CROWD, 'crowd/room');
  let over = false;
  const asking = askOn(other, () => over);
  const seeing = firstSight(folders[0], () => over);
  const started = performance.now();
  const report = await ask(all);
  const answers = (await Promise.all(all.map((one, who) => upload(one, who, report)))).flat();
  assert.ok(answers.every(({ buzz }) => buzz === 'logged'), JSON.stringify(answers.find(({ buzz }) => buzz !== 'logged')));
  const { data } = await all[0].pub.next({ buzz: 'reported', report }, 1000 * DEADLINE_S);
  const took = performance.now() - started;
  over = true;
  assert.deepEqual(data, { buzz: 'reported', report, collected: CROWD, expected: CROWD, stored: true });
  const progress = all[0].pub.all('progress').map((one) => [one.data.collected, one.data.expected]);
  assert.deepEqual(progress, Array.from({ length: CROWD }, (_, i) => [i + 1, CROWD]));

  const waits = await asking;
  t.diagnostic(`collected in ${took.toFixed(0)} ms; meanwhile ${waits.length} answers elsewhere, the slowest in ${Math.max(...waits).toFixed(0)} ms`);
  assert.ok(waits.length >= OTHERS_AT_LEAST, `${waits.length} answers`);

  const text = storedText(folders[0], report);
  assert.deepEqual(await seeing, { bytes: Buffer.byteLength(text), name: listReports(folders[0]).stored[0] }, 'whole when it was first seen');
  const made = JSON.parse(text);
  assert.deepEqual(new Set(made.participants.map(({ id }) => id)), new Set(all.map(({ id }) => id)));
  for (const [who, one] of all.entries()) {
    const { complete, entries } = made.participants.find(({ id }) => id === one.id);
    assert.ok(complete);
    const expected = Array.from({ length: PARTS * LINES }, (_, i) => words(who, Math.floor(i / LINES), i % LINES));
    assert.deepEqual(entries.map(({ text: line }) => line), expected);
  }
  assert.ok(made.server.entries.length > 0);
  assert.deepEqual(listReports(folders[0]).others, []);
});

test('a report is never larger than max_report_bytes, whatever people send and the server has to say', { timeout: 90000 }, async (t) => {
  const small = await startJanus({ settings: settings({ folder: folders[1], max_bytes: 65536, max_report_bytes: REPORT_MAX }) });
  const joining = crowd(t, small.url, 10, 'crowd/small');
  t.after(() => small.stop()); // when they are gone
  const all = await joining;
  for (let i = 0; i < 20; i++) {
    await Promise.all(all.map((one) => one.publish([{ ...MICROPHONE, muted: i % 2 === 0 }], { offer: i === 0 })));
  }
  const report = await ask(all);
  const answers = [];
  for (const [who, one] of all.entries()) answers.push((await upload(one, who, report)).at(-1));
  const { data } = await all[0].pub.next({ buzz: 'reported', report }, 1000 * DEADLINE_S);
  assert.equal(data.stored, true);
  const text = storedText(folders[1], report);
  const made = JSON.parse(text);
  const reasons = made.participants.map(({ reason }) => reason ?? 'complete');
  const count = (reason) => reasons.filter((one) => one === reason).length;
  t.diagnostic(`${Buffer.byteLength(text)} bytes, ${count('complete')} logs complete, ${made.server.entries.length} lines of the server`);
  assert.ok(Buffer.byteLength(text) <= REPORT_MAX, `${Buffer.byteLength(text)} bytes`);
  assert.ok(count('complete') > 0 && count('report_full') > 0 && count('complete') + count('report_full') === all.length, reasons.join());
  assert.equal(answers.filter(({ buzz }) => buzz === 'logged').length, count('complete'), 'everyone knows whether theirs was taken');
  assert.equal(data.collected, count('complete'));
});
