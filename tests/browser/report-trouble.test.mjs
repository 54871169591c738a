// SPDX-License-Identifier: GPL-3.0-only
// A report that goes wrong: somebody floods, the folder has vanished, the disk is full. Pictures go on, the person is told in
// words, and nothing half-written stays.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { watchFreezes } from '../lib/pictures.mjs';
import { until } from '../lib/process.mjs';
import { listReports, logEntry } from '../lib/report.mjs';
import { Scene } from '../lib/scene.mjs';

const FLOOD = 300; // parts, of which each is as large as may be
const WORDS = 'The picture stands still';

const base = mkdtempSync(join(tmpdir(), 'buzz-trouble-'));
const folder = join(base, 'reports');
const away = join(base, 'away');
mkdirSync(folder);
after(() => rmSync(base, { recursive: true, force: true }));
const scene = await Scene.open({ server: { settings: { reports: { folder, min_interval: 0, deadline: 4 } } } });
const idOf = async (person) => (await person.snapshot()).id;
const ada = await scene.chromium.join(scene.server.url, 'trouble/room', 'Ada');
const grace = await scene.chromium.join(scene.server.url, 'trouble/room', 'Grace');
scene.people.push(ada, grace);
const ids = [await idOf(ada), await idOf(grace)];
await Promise.all([ada.flowing([`${ids[1]} cam`]), grace.flowing([`${ids[0]} cam`])]);

/** Ada reports; returns all that the page said about it, the last of it being the end. */
async function report() {
  await ada.evaluate(() => {
    const status = document.getElementById('report-status');
    globalThis.said = [];
    new MutationObserver(() => globalThis.said.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
  });
  await ada.click('#report');
  await ada.page.fill('#report-text', WORDS);
  await ada.click('#report-send');
  await until('the end', () => ada.evaluate(() => document.getElementById('report-dialog').dataset.step === 'done'), { ms: 20000 });
  const said = await ada.evaluate(() => globalThis.said.filter(Boolean));
  await ada.click('#report-close');
  return said;
}

/** Pictures of both while something happens. */
async function unmoved(what) {
  const nobodyFroze = await watchFreezes([[ada, ids[1]], [grace, ids[0]]]);
  const result = await what();
  await nobodyFroze();
  await Promise.all([ada.flowing([`${ids[1]} cam`]), grace.flowing([`${ids[0]} cam`])]);
  return result;
}

test('somebody floods: the others’ logs are there, and pictures go on', { timeout: 90000 }, async (t) => {
  const flooder = await scene.witness(t, 'trouble/room', { display: 'Flooder' });
  const flooding = flooder.pub.next('collect', 20000).then(({ data }) => {
    const entries = Array.from({ length: 3 }, () => logEntry('x'.repeat(16000)));
    for (let part = 0; part < FLOOD; part++) {
      flooder.pub.post({ request: 'log', report: data.report, part, last: false, offset_ms: 0, error_ms: 0, entries, seq: part + 1 });
    }
    return data.report;
  });
  const said = await unmoved(report);
  const id = await flooding;
  assert.ok(said.includes('2 of 3 collected'), said.join(' | '));
  assert.match(said.at(-1), new RegExp(`^Thank you\\. Report ${id} has the logs of 2 of 3 people\\.$`));
  const { stored, others } = listReports(folder);
  assert.deepEqual([stored.length, others], [1, []]);
  await flooder.leave();
});

test('the folder has vanished', { timeout: 90000 }, async () => {
  renameSync(folder, away);
  const said = await unmoved(report);
  renameSync(away, folder);
  assert.match(said.at(-1), /could not be stored: the folder for reports is missing on the server/);
  assert.equal(listReports(folder).stored.length, 1, 'nothing new');
});

test('the disk is full: a small file system of its own', { timeout: 90000 }, async (t) => {
  renameSync(folder, away);
  mkdirSync(folder);
  // needs root and the right to mount, as a CI container has it; without, the test fails rather than say nothing
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k,mode=755', 'tmpfs', folder]);
  t.after(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
    renameSync(away, folder);
  });
  const said = await unmoved(report);
  assert.match(said.at(-1), /could not be stored: the server’s disk is full/);
  assert.deepEqual(listReports(folder), { stored: [], others: [] }, 'nothing half-written');
});

test('and afterwards a report is made as ever', { timeout: 60000 }, async () => {
  assert.match((await unmoved(report)).at(-1), /has the logs of 2 of 2 people/);
  assert.deepEqual([listReports(folder).stored.length, listReports(folder).others], [2, []]);
});

test('a tab that closes while logs are collected: the report says so, and what came of it is there', { timeout: 60000 }, async (t) => {
  const silent = await scene.witness(t, 'trouble/room', { display: 'Silent' });
  const closing = silent.pub.next('collect', 20000).then(() => grace.close());
  const said = await report();
  await closing;
  assert.match(said.at(-1), /has the logs of [12] of 3 people/);
  await silent.leave();
});
