// SPDX-License-Identifier: GPL-3.0-only
// Runs script/server on ports and in a folder of its own, and reads its logs. janus.mjs and server.mjs build on it.
// BUZZ_TEST_PLUGIN names the plugin to test (otherwise script/server builds it), BUZZ_TEST_PRELOAD libraries to
// load into Janus, such as a sanitizer's.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, descendant, until } from './process.mjs';

export const top = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const START_MS = 120000; // a first start compiles the plugin
/** Pages that are closed leave a session behind, which Janus looks for every 2 s and ends at the second look. */
const FREED_MS = 7000;
const RTP_PORTS = 400;
const SANITIZER = /ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:/;

/**
 * What the tests want unless they say otherwise: nobody who only speaks to the signalling is taken for dead, and no
 * seats are kept, so that whoever goes has left.
 */
const SETTINGS = { liveness: { timeout: 600, interrupted: 60, interrupted_audio: 60, seat: 0 } };

/** Folders that are there; whatever ends the tests, they go. */
const states = new Set();
process.on('exit', () => {
  for (const state of states) rmSync(state, { recursive: true, force: true });
});

export async function freePort() {
  const server = createServer();
  await new Promise((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export function freeRtpPorts() {
  const first = 21000 + RTP_PORTS * Math.floor(Math.random() * 25);
  return `${first}-${first + RTP_PORTS - 1}`;
}

/** The settings file's text: sections of keys, over the tests' own defaults. */
function settingsText(settings) {
  const sections = new Map(Object.entries(SETTINGS).map(([name, keys]) => [name, { ...keys }]));
  for (const [name, keys] of Object.entries(settings)) sections.set(name, { ...sections.get(name), ...keys });
  return [...sections].map(([name, keys]) => {
    const lines = Object.entries(keys).map(([key, value]) => `\t${key} = ${JSON.stringify(String(value))}\n`);
    return `${name}: {\n${lines.join('')}}\n`;
  }).join('');
}

export class Service {
  /**
   * Starts it and returns when it is ready.
   * @param {{args?: string[], settings?: Record<string, object> | string, preload?: string[], env?: object,
   *   rtpPorts?: string, reclaim?: number}} options
   *   settings: sections of keys, or the text of the file itself
   */
  static async start(options = {}) {
    const service = new Service();
    try {
      await service.#start(options);
    } catch (error) {
      error.message += `\n${service.tail()}`;
      await service.child?.stop();
      service.#forget();
      throw error;
    }
    return service;
  }

  async #start({ args = [], settings = {}, preload = [], env = {}, rtpPorts = freeRtpPorts(), reclaim = 1 }) {
    this.freedMs = FREED_MS + 1000 * reclaim;
    this.state = mkdtempSync(join(tmpdir(), 'buzz-test-'));
    states.add(this.state);
    this.settingsFile = join(this.state, 'settings.jcfg');
    this.rtpPorts = rtpPorts;
    writeFileSync(this.settingsFile, typeof settings === 'string' ? settings : settingsText(settings));
    const libraries = [process.env.BUZZ_TEST_PRELOAD, ...preload].filter(Boolean).join(':');
    const all = [
      '--state', join(this.state, 'run'), '--settings', this.settingsFile, '--rtp-ports', this.rtpPorts,
      '--ws-port', String(await freePort()), '--reclaim', String(reclaim), '--no-install', ...args,
    ];
    if (process.env.BUZZ_TEST_PLUGIN) all.push('--plugin', resolve(process.env.BUZZ_TEST_PLUGIN));
    if (libraries) all.push('--preload', libraries);
    const sanitizer = `fast_unwind_on_malloc=0:malloc_context_size=10:log_path=${join(this.state, 'sanitizer.log')}:exitcode=0`;
    this.child = new Child(join(top, 'script/server'), all, {
      cwd: top, env: { ...env, ASAN_OPTIONS: sanitizer, UBSAN_OPTIONS: `print_stacktrace=1:${sanitizer}` },
    });
    [, this.url] = await this.child.line(/^Buzz is ready: (\S+)$/m, START_MS);
    this.pid = await until('a Janus process', () => descendant(this.child.pid, 'janus'));
  }

  /** Everything that was logged so far, by the script, by Janus and by a sanitizer. */
  log() {
    const files = this.state && existsSync(this.state) ? readdirSync(this.state, { recursive: true }) : [];
    const logs = files.filter((name) => /(?<!access)\.log(\.\d+)?$/.test(name)).map((name) => {
      return `--- ${name}\n${readFileSync(join(this.state, name), 'utf8')}`;
    });
    return [`--- script/server\n${this.child?.output ?? ''}`, ...logs].join('\n');
  }

  /** The end of every log, for a person who looks at a failed test. */
  tail(lines = 60) {
    return this.log().split(/^(?=--- )/m).map((part) => {
      const [head, ...rest] = part.split('\n');
      return [head, ...rest.slice(-lines)].join('\n');
    }).join('');
  }

  /** The handles that Janus still has, by its own log; what script/server quotes is that of one that has died. */
  handlesLeft() {
    const log = this.log().split(/^(?=--- )/m).find((part) => /^--- \S*janus\.log\n/.test(part)) ?? '';
    const ids = (pattern) => [...log.matchAll(pattern)].map(([, id]) => id);
    const freed = new Set(ids(/\[(\d+)\] Handle and related resources freed/g));
    return ids(/Creating new handle in session \d+: (\d+)/g).filter((id) => !freed.has(id));
  }

  /** Ends it; fails when it ended badly, kept handles, or a sanitizer had something to say. */
  async stop() {
    const alive = this.child.result === undefined;
    // those that Janus has not freed when it exits would look like leaks
    const none = () => this.handlesLeft().length === 0;
    if (alive) await until('every handle is freed', none, { ms: this.freedMs }).catch(() => {}); // judged below
    const left = alive ? this.handlesLeft() : [];
    await this.child.stop();
    const log = this.log();
    const tail = this.tail();
    this.#forget();
    if (left.length) throw new Error(`handles are left after ${this.freedMs} ms: ${left.join(' ')}\n${tail}`);
    if (SANITIZER.test(log)) throw new Error(`a sanitizer reports:\n${log.slice(log.search(SANITIZER)).slice(0, 8000)}`);
    if (!alive) throw new Error(`the service had ended before the test did:\n${tail}`);
  }

  #forget() {
    if (!this.state) return;
    rmSync(this.state, { recursive: true, force: true });
    states.delete(this.state);
  }
}

/** Expects script/server to refuse these settings: returns what it said and logged. */
export async function refusedStart(settings) {
  try {
    const service = await Service.start({ args: ['--janus-only'], settings });
    await service.stop();
  } catch (error) {
    return error.message;
  }
  throw new Error('it started all the same');
}
