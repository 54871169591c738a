// SPDX-License-Identifier: GPL-3.0-only
// When ICE is restarted, and when that is given up; and how sleep is noticed.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import FakeTimers from '@sinonjs/fake-timers';
import { createIceWatch } from '../../html/js/room/ice.js';
import { watchSleep } from '../../html/js/room/wake.js';
import { settle } from './fakes.mjs';

let timers;
let connection;
let restarts;
let dead;
let watch;

class Connection extends EventTarget {
  connectionState = 'new';

  become(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

beforeEach(() => {
  timers = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  connection = new Connection();
  restarts = [];
  dead = 0;
  watch = createIceWatch({
    connection,
    restart: () =>
      new Promise((done, fail) => {
        restarts.push({ done, fail });
      }),
    onDead: () => {
      dead += 1;
    },
  });
});

afterEach(() => {
  watch.stop();
  timers.uninstall();
});

test('failed is restarted at once, disconnected after 2 s', async () => {
  connection.become('connecting');
  connection.become('connected');
  connection.become('disconnected');
  timers.tick(1999);
  assert.equal(restarts.length, 0);
  timers.tick(1);
  assert.equal(restarts.length, 1);
  restarts[0].done();
  await settle();
  connection.become('connected');
  connection.become('failed');
  assert.equal(restarts.length, 2);
});

test('a short gap heals by itself', () => {
  connection.become('connected');
  connection.become('disconnected');
  timers.tick(1500);
  connection.become('connected');
  timers.tick(60_000);
  assert.equal(restarts.length, 0);
});

test('one restart at a time, however long the offer waits for the server', async () => {
  connection.become('failed');
  timers.tick(60_000);
  connection.become('disconnected');
  timers.tick(60_000);
  watch.networkChanged();
  assert.deepEqual([restarts.length, dead], [1, 0]);
  restarts[0].done();
  await settle();
  timers.tick(5999);
  assert.equal(restarts.length, 1);
  timers.tick(1);
  assert.equal(restarts.length, 2);
});

test('after three restarts that did not help it is dead', async () => {
  connection.become('failed');
  for (let tries = 0; tries < 3; tries += 1) {
    assert.equal(restarts.length, tries + 1);
    if (tries === 1) restarts[tries].fail(new Error('refused'));
    else restarts[tries].done();
    await settle();
    assert.equal(dead, 0);
    timers.tick(6000);
  }
  assert.deepEqual([restarts.length, dead], [3, 1]);
});

test('another network is a restart even of a connection that seems to work', async () => {
  watch.networkChanged();
  connection.become('connecting');
  watch.networkChanged();
  assert.equal(restarts.length, 0, 'there is nothing to restart yet');
  connection.become('connected');
  watch.networkChanged();
  assert.equal(restarts.length, 1);
  restarts[0].done();
  await settle();
  timers.tick(60_000);
  assert.equal(restarts.length, 1, 'it works');
});

test('one that is connected but quiet is restarted each time, one that is being made is not', async () => {
  watch.quiet();
  assert.equal(restarts.length, 0);
  connection.become('connected');
  for (let times = 1; times <= 5; times += 1) {
    watch.quiet();
    assert.equal(restarts.length, times);
    restarts.at(-1).done();
    await settle();
    timers.tick(7000);
  }
  assert.deepEqual([restarts.length, dead], [5, 0]);
  connection.become('disconnected');
  watch.quiet();
  assert.equal(restarts.length, 5, 'the browser has noticed by itself');
});

test('a machine that slept is noticed, a busy one is not', () => {
  const naps = [];
  const sleep = watchSleep((ms) => naps.push(ms));
  timers.tick(10_000);
  timers.setSystemTime(Date.now() + 3000);
  timers.tick(1000);
  assert.deepEqual(naps, []);
  timers.setSystemTime(Date.now() + 600_000);
  timers.tick(1000);
  assert.deepEqual(naps, [601_000]);
  sleep.stop();
});
