// SPDX-License-Identifier: GPL-3.0-only
// Processes the tests start: each leads its own group, its output is kept, and none outlives the test run.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** @type {Set<Child>} */
const running = new Set();

process.on('exit', () => {
  for (const child of running) child.signalGroup('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(1));
}

/** Resolves after this many milliseconds. */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Calls probe until it returns something truthy, which is the result.
 * @param {string} what for the message when it never does
 */
export async function until(what, probe, { ms = 5000, every = 50 } = {}) {
  const deadline = performance.now() + ms;
  for (;;) {
    const result = await probe();
    if (result) return result;
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(every);
  }
}

export class Child {
  /**
   * @param {string} command
   * @param {string[]} args
   * @param {{env?: Record<string, string>, cwd?: string}} [options] env is added to the present one
   */
  constructor(command, args, { env = {}, cwd } = {}) {
    this.name = command.split('/').at(-1);
    this.output = '';
    this.process = spawn(command, args, {
      cwd, detached: true, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.process.pid;
    running.add(this);
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => { this.output += text; });
    }
    /** @type {Promise<number | string>} the exit code, or the signal's name */
    this.ended = new Promise((resolve) => {
      const end = (result) => resolve(this.result = result);
      this.process.once('error', (error) => {
        this.output += error.message;
        end(error.code);
      });
      this.process.once('close', (code, signal) => end(code ?? signal));
    });
  }

  /** Waits for a line of the output; fails as soon as the process ends without it. */
  async line(pattern, ms) {
    const deadline = performance.now() + ms;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (this.result !== undefined) throw new Error(`${this.name} ended (${this.result}):\n${this.output}`);
      if (performance.now() > deadline) throw new Error(`${this.name}: no ${pattern} within ${ms} ms:\n${this.output}`);
      await Promise.race([sleep(50), this.ended]);
    }
  }

  signalGroup(signal) {
    if (!this.pid) return; // it never started
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }

  /** Asks the process to end, then makes the rest of its group end. Returns its exit code or signal. */
  async stop(ms = 15000) {
    if (this.result === undefined) this.process.kill('SIGTERM');
    const late = setTimeout(() => this.signalGroup('SIGKILL'), ms);
    const result = await this.ended;
    clearTimeout(late);
    this.signalGroup('SIGKILL');
    running.delete(this);
    return result;
  }
}

/** Every living process: its parent and its name. */
function processes() {
  const found = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [, name, parent] = /\((.*)\) \S (\d+)/s.exec(stat);
      found.push({ pid: Number(entry), parent: Number(parent), name });
    } catch { /* it ended while we looked */ }
  }
  return found;
}

/** The process of this name among the descendants of root. */
export function descendant(root, name) {
  const all = processes();
  const family = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const { pid, parent } of all) {
      if (family.has(parent) && !family.has(pid)) grown = Boolean(family.add(pid));
    }
  }
  return all.find((one) => family.has(one.pid) && one.name === name)?.pid;
}

/** How many threads and open files a process has, sockets counted apart. */
export function footprint(pid) {
  const fds = readdirSync(`/proc/${pid}/fd`);
  const sockets = fds.filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  });
  return { threads: readdirSync(`/proc/${pid}/task`).length, fds: fds.length, sockets: sockets.length };
}
