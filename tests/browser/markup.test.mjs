// SPDX-License-Identifier: GPL-3.0-only
// Whatever people call themselves, their rooms, screens and messages, and whatever they put into logs and reports: on the
// pages it is text. No element comes of it and no script runs.

import assert from 'node:assert/strict';
import test from 'node:test';
import { CAMERA, MICROPHONE } from '../lib/client.mjs';
import { until } from '../lib/process.mjs';
import { logEntry, sendPart } from '../lib/report.mjs';
import { Scene } from '../lib/scene.mjs';

const MARKUP = '<img src=x onerror="window.pwned=1">';
const SCRIPT = '<script>window.pwned=1</script><svg onload=window.pwned=1>';
const ROOM = `markup/${encodeURIComponent(MARKUP)}`;
const SCREEN = { stream: 's1', kind: 'screen', mid: '2', title: MARKUP };

const scene = await Scene.open({ server: { settings: { reports: { min_interval: 0, deadline: 10 } } } });

/** What a page has made of it. */
const harm = (page) => page.evaluate(() => ({
  pwned: globalThis.pwned,
  elements: document.querySelectorAll('img[src="x"], script:not([src]), [onerror], [onload]').length,
  violations: globalThis.buzzTest.violations,
}));
const text = (page, selector) => page.evaluate((where) => [...document.querySelectorAll(where)].map((one) => one.textContent).join('\n'), selector);

async function harmless(page) {
  assert.deepEqual(await harm(page), { pwned: undefined, elements: 0, violations: [] });
}

/** Of a report that a liar has made: markup wherever there is a string. */
const FORGED = {
  format: 1, id: MARKUP, tenant: MARKUP, room: MARKUP, text: SCRIPT, by: MARKUP, started: Date.now(),
  server: {
    version: MARKUP, took_ms: 5000,
    streams: [{ participant: MARKUP, stream: MARKUP, kind: MARKUP, codec: MARKUP, packets: 1, bytes: 1, to: MARKUP }],
    entries: [{ time: 1, level: 'info', kind: MARKUP, text: SCRIPT }],
  },
  participants: [{
    id: MARKUP, display: SCRIPT, offset_ms: 0, error_ms: 0, complete: false, reason: MARKUP,
    entries: [
      { time: 1, level: MARKUP, kind: MARKUP, participant: MARKUP, connection: MARKUP, stream: MARKUP, text: `${MARKUP}\n${SCRIPT}` },
      { time: 2, level: 'info', kind: 'stats', participant: MARKUP, connection: 'sub', stream: MARKUP, text: '', data: { [MARKUP]: 1, bitrate: 5 } },
    ],
  }],
};

test('names of people, rooms, screens and events are text in tiles, toasts, debugger and reports', { timeout: 120000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, ROOM, MARKUP);
  const witness = await scene.witness(t, decodeURIComponent(ROOM), { display: MARKUP, streams: [MICROPHONE, CAMERA] });
  assert.equal(witness.joined.participants.length, 1, 'the same room');
  await until('a toast', async () => (await text(ada.page, '#toasts .toast')).includes(`${MARKUP} joined`));
  await witness.publish([MICROPHONE, CAMERA, SCREEN]);

  await t.test('in the room', async () => {
    await until('a tile of the screen', async () => (await text(ada.page, 'article .tile-name')).includes(`${MARKUP}’s screen: ${MARKUP}`));
    await until('its toast', async () => (await text(ada.page, '#toasts .toast')).includes(`${MARKUP} shares a screen`));
    assert.equal(await ada.page.textContent('#room-name'), ROOM.replace(/%.*/, '') + MARKUP);
    for (const event of [MARKUP, 'a<b', 'a b']) {
      assert.equal((await witness.pub.request({ request: 'broadcast', event, data: MARKUP })).data.error_code, 432, event);
    }
    assert.equal((await witness.pub.request({ request: 'broadcast', event: 'x', data: { [MARKUP]: SCRIPT } })).data.reached, 1);
    await harmless(ada.page);
  });

  await t.test('in the debugger', async () => {
    await ada.evaluate(() => globalThis.buzz.debug.start());
    await ada.page.selectOption('#log-level', 'debug');
    await until('lines with the name', async () => (await text(ada.page, '#log-lines li')).includes(`joined, ${MARKUP}`));
    assert.ok((await text(ada.page, '#log-person option')).includes(MARKUP));
    for (const tab of ['graphs', 'connections', 'sdp', 'log']) {
      await ada.click(`#tab-${tab}`);
      if (tab === 'graphs') await until('graphs', async () => (await text(ada.page, '.graph-card h3')).includes(MARKUP), { ms: 15000 });
      await harmless(ada.page);
    }
    await ada.evaluate(() => globalThis.buzz.debug.close());
  });

  await t.test('in a report, and on its page', async () => {
    await ada.click('#report');
    await ada.page.fill('#report-text', SCRIPT);
    await ada.click('#report-send');
    const { report } = (await witness.pub.next('collect', 10000)).data;
    await sendPart(witness, report, 0, true, [logEntry(MARKUP), logEntry(`${SCRIPT}\n${MARKUP}`)]);
    await ada.page.waitForSelector('#report-link:not([hidden])', { timeout: 20000 });
    await harmless(ada.page);
    const [viewer] = await Promise.all([ada.page.context().waitForEvent('page'), ada.click('#report-link')]);
    t.after(() => viewer.close());
    await viewer.waitForSelector('#lines li', { timeout: 15000 });
    assert.equal(await viewer.textContent('#report-title'), SCRIPT);
    for (const where of ['#people', '#lines', '#log-person', '#report-facts']) assert.ok((await text(viewer, where)).includes(MARKUP), where);
    await harmless(viewer);
  });

  await t.test('in a forged file', async () => {
    const viewer = await scene.chromium.open('Viewer');
    scene.people.push(viewer);
    t.after(() => viewer.close());
    await viewer.page.goto(`${scene.server.url}_/report.html`);
    await viewer.page.setInputFiles('#file', { name: `${MARKUP}.json`, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(FORGED)) });
    await viewer.page.waitForSelector('#lines li');
    for (const where of ['#people', '#lines', '#log-person', '#log-stream', '#log-kind', '#report-facts', '#flows', '#graphs']) {
      const shown = await text(viewer.page, where);
      assert.ok(shown.includes(MARKUP) || shown.includes(SCRIPT), `${where}: ${shown}`);
    }
    await viewer.page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true; }));
    await harmless(viewer.page);
    await viewer.page.setInputFiles('#file', { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(`not JSON ${MARKUP}`) });
    await until('it says so', async () => /not JSON/.test(await viewer.page.textContent('#problem')));
    await harmless(viewer.page);
  });

  assert.deepEqual(ada.console.filter((line) => /^(error|uncaught|warning)/.test(line)), []);
});
