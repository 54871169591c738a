// SPDX-License-Identifier: GPL-3.0-only
// The pages themselves: from the start page into a room, on a desk and on a phone; nothing comes from another
// site, and the console stays clean.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/process.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const SIZES = [['desktop', {}], ['phone', PHONE]];

const scene = await Scene.open();

/** Opens a page and notes every address it asks for. */
async function openWatched(t, name, options) {
  const person = await scene.chromium.open(name, options);
  scene.people.push(person);
  t.after(() => person.close());
  const addresses = [];
  person.page.on('request', (request) => addresses.push(request.url()));
  person.page.on('websocket', (socket) => addresses.push(socket.url()));
  return { person, addresses };
}

function foreign(addresses) {
  const { host } = new URL(scene.server.url);
  return addresses.filter((address) => !/^(data|blob):/.test(address) && new URL(address).host !== host);
}

const overflow = (person) => person.evaluate(() => document.documentElement.scrollWidth - innerWidth);

for (const [size, options] of SIZES) {
  test(`from the start page into a room, ${size}`, { timeout: 120000 }, async (t) => {
    const { person, addresses } = await openWatched(t, `Ada on a ${size}`, options);
    await person.page.goto(scene.server.url);
    await person.screenshot(`landing-${size}`);
    assert.ok((await overflow(person)) <= 0, 'the start page is too wide');
    const field = person.page.locator('input[type=text], input:not([type])').first();
    await field.fill('Maths Lesson 1');
    await field.press('Enter');
    await person.page.waitForURL((url) => url.pathname.length > 1);
    await person.page.locator('#name').fill('Ada');
    await person.screenshot(`prejoin-${size}`);
    assert.ok((await overflow(person)) <= 0, 'the page before joining is too wide');
    await person.click('#join');
    await person.until('joined', ({ state }) => state === 'joined');
    assert.deepEqual(foreign(addresses), []);
    assert.deepEqual(person.console.filter((line) => /^(error|uncaught|warning)/.test(line)), []);
  });

  test(`a call of five, ${size}`, { timeout: 120000 }, async (t) => {
    const room = `page/${size}`;
    for (const name of ['Grace', 'Edsger', 'Barbara', 'Donald']) {
      await scene.join(t, scene.chromium, room, name, name === 'Donald' ? { cam: '0', mic: '0' } : {});
    }
    const ada = await scene.join(t, scene.chromium, room, 'Ada', { page: options });
    const { participants } = await ada.snapshot();
    const cameras = participants.filter(({ streams }) => streams.length).map(({ id }) => `${id} cam`);
    await ada.flowing(cameras, { frames: 20 });
    await until('pictures', () => ada.evaluate(() => document.querySelectorAll('article.has-picture').length >= 4), { ms: 30000 });
    const outside = await ada.evaluate(() => [...document.querySelectorAll('article')].filter((tile) => {
      const { left, top, right, bottom } = tile.getBoundingClientRect();
      return left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1;
    }).length);
    await ada.screenshot(`call-${size}`);
    assert.equal(outside, 0, 'tiles beyond the edge');
    assert.ok((await overflow(ada)) <= 0, 'the room is too wide');
    await ada.click('article[data-kind="person"] .zoom');
    await until('a tile is enlarged', () => ada.evaluate(() => document.querySelectorAll('article.enlarged').length === 1));
    await ada.screenshot(`enlarged-${size}`);
    await ada.click('article.enlarged .zoom');
    await until('and back', () => ada.evaluate(() => document.querySelectorAll('article.enlarged').length === 0));
    assert.deepEqual(ada.console.filter((line) => /^(error|uncaught|warning)/.test(line)), []);
  });
}
