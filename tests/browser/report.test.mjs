// SPDX-License-Identifier: GPL-3.0-only
// The debugger, reporting a problem, and the page that shows the report, on a desk and on a phone.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/process.mjs';

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };
const WORDS = 'No sound from Grace <img src=x onerror=alert(1)>';

const scene = await Scene.open({ server: { settings: { reports: { min_interval: 0 } } } });

const problems = (person) => person.console.filter((line) => /^(error|uncaught|warning)/.test(line));
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

async function bothSizes(person, page, name) {
  for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(300); // graphs and tiles follow the size
    assert.ok((await overflow(page)) <= 0, `${name} is too wide on a ${size}`);
    await person.screenshot(`${name}-${size}`);
  }
}

async function reportFile(t, ada) {
  await ada.click('#report');
  await ada.page.fill('#report-text', WORDS);
  await bothSizes(ada, ada.page, 'report-dialog');
  await ada.click('#report-send');
  await ada.page.waitForSelector('#report-link:not([hidden])', { timeout: 20000 });
  assert.match(await ada.page.textContent('#report-status'), /2 of 2/);
  await bothSizes(ada, ada.page, 'report-done');
  const [viewer] = await Promise.all([ada.page.context().waitForEvent('page'), ada.click('#report-link')]);
  t.after(() => viewer.close());
  return viewer;
}

test('a problem is reported and read', { timeout: 90000 }, async (t) => {
  const ada = await scene.join(t, scene.chromium, 'report/one', 'Ada');
  const grace = await scene.join(t, scene.chromium, 'report/one', 'Grace');
  const { id } = await grace.snapshot();
  await ada.flowing([`${id} cam`, `${id} mic`]);

  await t.test('the debugger: log, graphs, descriptions', async () => {
    await ada.page.keyboard.press('Alt+Shift+L');
    await until('lines', () => ada.evaluate(() => document.querySelectorAll('#log-lines li').length > 5));
    await bothSizes(ada, ada.page, 'debugger-log');
    await ada.page.selectOption('#log-kind', 'slots');
    const kinds = await ada.evaluate(() => [...document.querySelectorAll('#log-lines .origin')].map((one) => one.textContent.split(' ')[0]));
    assert.ok(kinds.length > 0 && kinds.every((kind) => kind === 'slots'), kinds.join());
    await ada.click('#tab-graphs');
    await ada.page.waitForSelector('.graph-card canvas', { timeout: 10000 });
    await ada.page.waitForTimeout(8000); // some samples
    await bothSizes(ada, ada.page, 'debugger-graphs');
    await ada.click('#tab-sdp');
    const sdp = await ada.page.textContent('#sdp-text');
    assert.match(sdp, /m=video/);
    assert.match(sdp, /a=ice-pwd:\[secret\]/);
    await bothSizes(ada, ada.page, 'debugger-sdp');
    await ada.evaluate(() => globalThis.buzz.debug.close());
    assert.ok(await ada.page.isHidden('#debugger'));
  });

  await t.test('the report, and its page by id and by file', async () => {
    const viewer = await reportFile(t, ada);
    await viewer.waitForSelector('#lines li', { timeout: 15000 });
    assert.equal(await viewer.textContent('#report-title'), WORDS, 'markup stays text');
    const sources = await viewer.evaluate(() => [...new Set([...document.querySelectorAll('#lines li')].map((row) => row.dataset.source))]);
    assert.equal(sources.length, 3, 'Ada, Grace and the server');
    assert.ok((await viewer.$$('.graph-card')).length >= 4);
    const onViewer = { screenshot: (name) => ada.screenshot.call({ ...ada, page: viewer }, name) };
    await bothSizes(onViewer, viewer, 'report-page');

    const flows = await viewer.evaluate(() => [...document.querySelectorAll('#flows tr')].map((row) => row.textContent));
    assert.ok(flows.some((text) => /^Gracecam.*Ada/.test(text)), `what went from Grace to Ada: ${flows}`);
    await viewer.evaluate(() => {
      document.querySelectorAll('details').forEach((one) => { one.open = !one.open; });
      document.querySelector('.report-flows').scrollIntoView();
    });
    await bothSizes(onViewer, viewer, 'report-timeline');
    const folder = join(scene.server.state, 'run/reports');
    const [name] = readdirSync(folder);
    const text = readFileSync(join(folder, name), 'utf8');
    assert.doesNotMatch(text, /ice-pwd:(?!\[secret\])/);
    const fresh = await ada.page.context().newPage();
    t.after(() => fresh.close());
    await fresh.goto(`${scene.server.url}_/report.html`);
    await fresh.setInputFiles('#file', join(folder, name));
    await fresh.waitForSelector('#lines li');
    await fresh.selectOption('#log-person', 'server');
    const only = await fresh.evaluate(() => [...document.querySelectorAll('#lines li')].every((row) => row.dataset.source === 'server'));
    assert.ok(only);
    await fresh.goto(`${scene.server.url}_/report.html?id=abcdefgh`);
    await fresh.waitForFunction(() => /No open room/.test(document.getElementById('problem').textContent), null, { timeout: 10000 });
  });

  assert.deepEqual(problems(ada), []);
  assert.deepEqual(problems(grace), []);
});
