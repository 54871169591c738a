// SPDX-License-Identifier: GPL-3.0-only
// The whole service, with nginx and the client, for the tests with browsers; on wish with a lossy network.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, until } from './process.mjs';
import { freePort, Service, top } from './service.mjs';

/** Timeouts of a real service: unlike with signalling alone, media does flow here. */
const LIVENESS = { timeout: 8, interrupted: 3, interrupted_audio: 6 };

/** {url, pid, log(), stop()}; url is the address of the web server, with a final slash. */
export async function startServer({ settings = {}, args = [], ...options } = {}) {
  return Service.start({
    ...options, args: ['--port', String(await freePort()), ...args],
    settings: { ...settings, liveness: { ...LIVENESS, ...settings.liveness } },
  });
}

/** The preloaded library of tests/net/lossy.c, compiled for this run, and the file that steers it. */
export class Loss {
  static async build() {
    const loss = new Loss();
    loss.folder = mkdtempSync(join(tmpdir(), 'buzz-loss-'));
    loss.library = join(loss.folder, 'lossy.so');
    loss.file = join(loss.folder, 'control');
    loss.deaths = 0;
    loss.set(0);
    const source = join(top, 'tests/net/lossy.c');
    const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-shared', '-fPIC', '-ldl'];
    const compiler = new Child(process.env.CC ?? 'cc', ['-o', loss.library, source, ...flags]);
    if ((await compiler.ended) !== 0) throw new Error(`lossy.c does not compile:\n${compiler.output}`);
    return loss;
  }

  /** What Janus needs in its environment; ports as for --rtp-ports. */
  env(ports, seed = 1) {
    return { BUZZ_LOSS_FILE: this.file, BUZZ_LOSS_SEED: String(seed), BUZZ_LOSS_PORTS: ports };
  }

  /** Percent of the media packets that Janus sends from now on. */
  set(percent) {
    this.percent = percent;
    this.#write();
  }

  /**
   * For good: every packet between Janus and the addresses that it has heard of so far. New addresses work. Resolves when it is so:
   * Janus looks at the file only every 50 ms, and an address that is new by then would die with the old ones.
   */
  async killPaths() {
    this.deaths += 1;
    this.#write();
    await until('the paths have died', () => this.counts().deaths === this.deaths, { every: 2 });
  }

  #write() {
    writeFileSync(this.file, `${this.percent} ${this.deaths}\n`);
  }

  /** Media packets and deaths so far. */
  counts() {
    const [sent, lost, deaths] = readFileSync(`${this.file}.counts`, 'utf8').trim().split(' ').map(Number);
    return { sent, lost, deaths };
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
