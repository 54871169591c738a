// SPDX-License-Identifier: GPL-3.0-only
// Chromium (by playwright-core) and Firefox (by puppeteer-core over WebDriver BiDi) behind one small face: a browser
// opens pages, a page is a Person in a room. Cameras and screens are small, so that several browsers fit on two cores.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';
import { until } from './process.mjs';
import { top } from './service.mjs';

const CHROMIUM = process.env.BUZZ_TEST_CHROMIUM ?? '/usr/bin/chromium';
const FIREFOX = process.env.BUZZ_TEST_FIREFOX ?? '/usr/bin/firefox-esr';
const CAMERA_WIDTH = 320; // the page then takes 15 frames a second
const SCREENSHOTS = join(top, 'build/screenshots');
const DESKTOP = { width: 1280, height: 800 };

const CHROMIUM_ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];
const FAKE_DEVICES = '--use-fake-device-for-media-stream';
const FIREFOX_PREFS = {
  'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true, 'media.autoplay.default': 0, 'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false, 'datareporting.policy.dataSubmissionEnabled': false,
};

/**
 * Runs in every page before its own scripts: notes connections, channels, sockets with all that passes through them, candidates, and
 * what the content security policy forbade; and keeps shared screens small.
 */
function prepare() {
  const connections = [];
  const sockets = [];
  const channels = [];
  const candidates = [];
  const traffic = { sent: [], received: [] };
  const violations = [];
  globalThis.buzzTest = { connections, sockets, channels, candidates, traffic, violations };
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));
  const NativeSocket = globalThis.WebSocket;
  globalThis.WebSocket = class extends NativeSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
      this.addEventListener('message', ({ data }) => traffic.received.push(data));
    }

    send(data) {
      traffic.sent.push(data);
      super.send(data);
    }
  };
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      connections.push(this);
      this.addEventListener('icecandidate', ({ candidate }) => candidate && candidates.push(candidate.candidate));
    }

    createDataChannel(...args) {
      channels.push(super.createDataChannel(...args));
      return channels.at(-1);
    }
  };
  const devices = navigator.mediaDevices;
  const share = devices?.getDisplayMedia?.bind(devices);
  if (share) devices.getDisplayMedia = (options) => share({ ...options, video: { width: 640, height: 360, frameRate: 8 } });
}

/** Runs in the page: what every m-line that is being received has got so far. */
async function readReceived() {
  const rows = [];
  for (const { name, connection } of globalThis.buzz.call.inspect() ?? []) {
    if (connection.connectionState !== 'connected') continue;
    for (const report of (await connection.getStats()).values()) {
      if (report.type !== 'inbound-rtp' || !report.mid?.match(/^[av]\d+$/)) continue;
      const { mid, kind, timestamp, framesDecoded = 0, framesReceived = 0, frameWidth = 0, totalAudioEnergy = 0 } = report;
      const { packetsReceived = 0, packetsLost = 0, nackCount = 0, pliCount = 0 } = report;
      rows.push({
        connection: name, mid, kind, timestamp, framesDecoded, framesReceived, frameWidth, totalAudioEnergy, packetsReceived, packetsLost,
        nackCount, pliCount,
      });
    }
  }
  return rows;
}

/** Runs in the page: what every encoder has made so far. */
async function readEncoded() {
  const rows = [];
  for (const connection of globalThis.buzzTest.connections) {
    if (connection.connectionState !== 'connected') continue;
    for (const report of (await connection.getStats()).values()) {
      if (report.type !== 'outbound-rtp' || report.kind !== 'video') continue;
      const { mid, timestamp, rid = '', framesEncoded = 0, frameWidth = 0 } = report;
      rows.push({ mid, timestamp, rid, framesEncoded, frameWidth });
    }
  }
  return rows;
}

/** Runs in the page: through which candidates each connection goes. */
async function readRoutes() {
  const rows = [];
  for (const { name, connection } of globalThis.buzz.call.inspect() ?? []) {
    const report = await connection.getStats();
    const all = [...report.values()];
    const transport = all.find(({ type }) => type === 'transport');
    const pair = report.get(transport?.selectedCandidatePairId);
    const gathered = all.filter(({ type }) => type === 'local-candidate').map(({ candidateType }) => candidateType);
    const local = pair && report.get(pair.localCandidateId)?.candidateType;
    rows.push({ name, state: connection.connectionState, local, gathered: [...new Set(gathered)] });
  }
  return rows;
}

/** One page of one browser. */
export class Person {
  constructor(name, page) {
    this.name = name;
    this.page = page;
    /** @type {string[]} */
    this.console = [];
    page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.console.push(`uncaught: ${error.stack ?? error}`));
  }

  evaluate(script, argument) {
    return this.page.evaluate(script, argument);
  }

  /** What the page says of itself: see window.buzz in html/js/app.js. */
  snapshot() {
    return this.evaluate(() => globalThis.buzz?.snapshot() ?? null);
  }

  until(what, fits, ms = 15000) {
    return until(`${this.name}: ${what}`, async () => {
      const snapshot = await this.snapshot();
      return snapshot && fits(snapshot) && snapshot;
    }, { ms, every: 100 }).catch(async (error) => {
      error.message += `\n${JSON.stringify(await this.snapshot())}`;
      throw error;
    });
  }

  /** Cuts the page off from the server, as a network does that goes away. */
  cutSocket() {
    return this.evaluate(() => globalThis.buzzTest.sockets.at(-1).close());
  }

  /** The kind of local candidate that each connection has chosen, and those it has found: {name, state, local, gathered}. */
  routes() {
    return this.evaluate(readRoutes);
  }

  /** What this page has sent of each layer of its video. */
  encoded() {
    return this.evaluate(readEncoded);
  }

  /** What has been received of each stream: "<participant> <stream>" -> the row of its slot. */
  async received() {
    const { slots } = await this.snapshot();
    const rows = await this.evaluate(readReceived);
    const streams = Object.values(slots).map(({ connection, mid, participant, stream }) => {
      return [`${participant} ${stream}`, rows.find((row) => row.connection === connection && row.mid === mid)];
    });
    return new Map(streams.filter(([, row]) => row));
  }

  /**
   * Waits until each of these streams moves on: so many more pictures, or some more sound.
   * @param {string[]} streams "<participant> <stream>"
   */
  async flowing(streams, { frames = 10, ms = 15000 } = {}) {
    const first = new Map();
    const still = (now) => streams.filter((stream) => {
      const row = now.get(stream);
      if (!row) return true;
      if (!first.has(stream) || first.get(stream).mid !== row.mid) first.set(stream, row);
      const before = first.get(stream);
      if (row.kind === 'audio') return row.totalAudioEnergy <= before.totalAudioEnergy;
      return row.framesDecoded < before.framesDecoded + frames;
    });
    let missing;
    await until(`${this.name} receives ${streams.join(', ')}`, async () => {
      missing = still(await this.received());
      return missing.length === 0;
    }, { ms, every: 250 }).catch(async (error) => {
      const rows = JSON.stringify([...(await this.received())], null, 1);
      throw new Error(`${error.message}\nstill missing: ${missing}\n${rows}\n${JSON.stringify(await this.snapshot())}`);
    });
  }

  click(selector) {
    return this.page.click(selector);
  }

  text() {
    return this.evaluate(() => document.body.innerText);
  }

  async screenshot(name) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  close() {
    return this.page.close();
  }
}

/** The address of a room's page that joins at once. */
export function joinAddress(base, room, name, options = {}) {
  const query = new URLSearchParams({ name, width: String(CAMERA_WIDTH), ...options });
  return `${base}${room}?${query}&join`;
}

async function visit(person, base, room, options) {
  await person.page.goto(joinAddress(base, room, person.name, options));
  await person.until('joined', ({ state }) => state === 'joined');
  return person;
}

export class Chromium {
  /** @param {{devices?: boolean}} [options] devices: false = a machine without camera and microphone */
  static async start({ devices = true } = {}) {
    const browser = new Chromium();
    browser.server = await chromium.launchServer({
      executablePath: CHROMIUM, headless: true, args: devices ? [...CHROMIUM_ARGS, FAKE_DEVICES] : CHROMIUM_ARGS,
    });
    browser.remote = await chromium.connect(browser.server.wsEndpoint());
    return browser;
  }

  /** Of the main process, which leads the process group of all the others. */
  get pid() {
    return this.server.process().pid;
  }

  /** A page in a context of its own, as another user would have it. */
  async open(name, { viewport = DESKTOP, ...context } = {}) {
    const own = await this.remote.newContext({ viewport, ...context });
    await own.addInitScript(prepare); // in pages that it opens too
    const page = await own.newPage();
    return new Person(name, page);
  }

  async join(base, room, name, { page = {}, ...options } = {}) {
    return visit(await this.open(name, page), base, room, options);
  }

  signal(signal) {
    process.kill(-this.pid, signal);
  }

  async stop() {
    const process = this.server.process();
    if (process.exitCode === null && process.signalCode === null) this.signal('SIGCONT');
    await this.server.kill();
  }
}

export class Firefox {
  static async start() {
    const browser = new Firefox();
    browser.remote = await puppeteer.launch({
      browser: 'firefox', executablePath: FIREFOX, headless: true, extraPrefsFirefox: FIREFOX_PREFS,
    });
    return browser;
  }

  async open(name) {
    const context = await this.remote.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport(DESKTOP);
    await page.evaluateOnNewDocument(prepare);
    return new Person(name, page);
  }

  async join(base, room, name, options = {}) {
    return visit(await this.open(name), base, room, options);
  }

  stop() {
    return this.remote.close();
  }
}
