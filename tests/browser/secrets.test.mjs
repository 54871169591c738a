// SPDX-License-Identifier: GPL-3.0-only
// What browsers really used to connect (ICE credentials, addresses, TURN credentials) and to prove who they are (seats, links) is in
// no stored report, and in nothing that a page uploads for one; and clocks that are wrong are put right.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { until } from '../lib/process.mjs';
import { storedText } from '../lib/report.mjs';
import { joinAddress } from '../lib/browser.mjs';
import { Scene } from '../lib/scene.mjs';
import { TurnServer } from '../lib/turn.mjs';

const SECRET = 'the secret of this test';
const ROOM = 'secrets/room';
const LATE_MS = 90_000; // one clock

const base = mkdtempSync(join(tmpdir(), 'buzz-secrets-'));
const folder = join(base, 'reports');
mkdirSync(folder);
after(() => rmSync(base, { recursive: true, force: true }));
const turn = await TurnServer.start({ secret: SECRET });
after(() => turn.stop());
const scene = await Scene.open({
  server: { settings: { ice: { turn: turn.url, turn_secret: SECRET }, reports: { folder, min_interval: 0, deadline: 10 } } },
});

const NAMED = { seat: 'seat', link: 'link', credential: 'turn credential', usernameFragment: 'ufrag' };

/** Everything secret in a message, however deep: adds [what it is, value] to found. */
function search(value, found) {
  if (typeof value === 'string') {
    for (const [, name, secret] of value.matchAll(/a=ice-(ufrag|pwd):(\S+)/g)) found.set(secret, name);
    for (const [, address] of value.matchAll(/candidate:\S+ \d+ \S+ \d+ (\S+) \d+ typ/g)) found.set(address, 'address');
    for (const [, address] of value.matchAll(/ raddr (\S+)/g)) found.set(address, 'address');
  } else if (value && typeof value === 'object') {
    for (const [key, one] of Object.entries(value)) {
      if (NAMED[key] && typeof one === 'string') found.set(one, NAMED[key]);
      search(one, found);
    }
  }
}

const trafficOf = (person) => person.evaluate(() => globalThis.buzzTest.traffic);

/** All that a page has used. */
async function secretsOf(person, found) {
  const { sent, received } = await trafficOf(person);
  for (const text of [...sent, ...received]) {
    const message = JSON.parse(text);
    if (message.body?.request !== 'log') search(message, found);
  }
  search(await person.evaluate(() => globalThis.buzzTest.candidates), found);
  search(await person.evaluate(() => globalThis.buzzTest.connections.flatMap(({ currentLocalDescription, currentRemoteDescription }) => {
    return [currentLocalDescription?.sdp, currentRemoteDescription?.sdp];
  })), found);
}

/** As a word of its own: credentials have as few as four characters. */
function contains(text, secret) {
  const quoted = secret.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9+/_-])${quoted}(?![A-Za-z0-9+/_-])`).test(text);
}

test('nothing that browsers keep secret is in a report or in what they upload', { timeout: 120000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, ROOM, 'Ada', { topology: 'per-peer' });
  const grace = await scene.join(t, scene.chromium, ROOM, 'Grace', { relay: '' });
  const viewer = await scene.join(t, scene.chromium, ROOM, 'Viewer', { cam: '0', mic: '0' });
  const people = [ada, grace, viewer];
  const [adaId, graceId] = await Promise.all([ada, grace].map(async (one) => (await one.snapshot()).id));
  await ada.flowing([`${graceId} cam`]);
  await viewer.flowing([`${adaId} cam`, `${graceId} cam`]);
  await ada.evaluate(() => dispatchEvent(new Event('online'))); // ICE restarts: more credentials
  await grace.click('#share');
  await ada.flowing([`${graceId} screen1`], { frames: 3 });

  await ada.click('#report');
  await ada.page.fill('#report-text', 'Is anything secret in it?');
  await ada.click('#report-send');
  await ada.page.waitForSelector('#report-link:not([hidden])', { timeout: 30000 });
  assert.match(await ada.page.textContent('#report-status'), /3 of 3/);
  const id = /Report (\S+) /.exec(await ada.page.textContent('#report-status'))[1];
  const file = storedText(folder, id);

  const found = new Map();
  for (const one of people) await secretsOf(one, found);
  found.set(SECRET, 'turn secret');
  const secrets = [...found].filter(([value]) => value !== '0.0.0.0' && !/^\d{1,4}$/.test(value)); // a number may be anything
  const count = (what) => secrets.filter(([, name]) => name === what).length;
  t.diagnostic(['ufrag', 'pwd', 'address', 'seat', 'link', 'turn credential'].map((what) => `${count(what)} ${what}`).join(', '));
  assert.ok(count('ufrag') >= 10 && count('pwd') >= 10 && count('address') >= 2, 'there were some of each');
  assert.deepEqual([count('seat'), count('link') >= 2, count('turn credential')], [3, true, 3]);
  const shown = ([value, what]) => `${what} ${value}`;
  assert.deepEqual(secrets.filter(([value]) => contains(file, value)).map(shown), [], 'in the file');
  for (const one of people) {
    const uploads = (await trafficOf(one)).sent.filter((text) => JSON.parse(text).body?.request === 'log');
    const entries = uploads.map((text) => JSON.stringify(JSON.parse(text).body.entries)).join();
    assert.match(entries, /own candidate: candidate:.*\[address\]/, one.name);
    assert.match(entries, /a=ice-pwd:\[secret\]/, one.name);
    assert.deepEqual(secrets.filter(([value]) => contains(entries, value)).map(shown), [], `uploaded by ${one.name}`);
  }
});

test('a clock that is wrong is put right, within the error that is stated', { timeout: 90000 }, async (t) => {
  const late = await scene.chromium.open('Late');
  scene.people.push(late);
  t.after(() => late.close());
  await late.page.addInitScript((ms) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() - ms;
  }, LATE_MS);
  await late.page.goto(joinAddress(scene.server.url, 'secrets/clock', 'Late'));
  await late.until('joined', ({ state }) => state === 'joined');
  const witness = await scene.witness(t, 'secrets/clock', { watch: false });
  const { data } = await witness.pub.request({ request: 'report', text: 'What time is it?' });
  await witness.pub.next('progress', 10000);
  await witness.pub.request({ request: 'log', report: data.report, part: 0, last: true, offset_ms: 0, error_ms: 0, entries: [] });
  await until('it is stored', async () => witness.pub.all('reported').length > 0, { ms: 10000 });
  const { participants, started } = JSON.parse(storedText(folder, data.report));
  const { offset_ms: offset, error_ms: error, entries } = participants.find(({ display }) => display === 'Late');
  t.diagnostic(`${offset} ± ${error} ms`);
  assert.ok(Math.abs(offset - LATE_MS) <= error, `${offset} ± ${error}`);
  assert.ok(error > 0 && error < 1000, 'both clocks count whole ms, so none is exact');
  const own = Math.max(...entries.map(({ time }) => time)) + offset;
  assert.ok(Math.abs(own - started) < 5000, 'its lines lie beside the server’s');
});
