// SPDX-License-Identifier: GPL-3.0-only
// A real coturn for the tests, with conf/coturn.conf.sample but for addresses, ports and secret.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, until } from './process.mjs';
import { freePort, top } from './service.mjs';

/** This machine's address on the interface that script/lib/net.sh has Janus use. */
export function mediaAddress() {
  const routes = JSON.parse(execFileSync('ip', ['-json', '-4', 'route', 'show', 'default'], { encoding: 'utf8' }) || '[]');
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, all]) => {
    return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => ({ name, address }));
  });
  const chosen = addresses.find(({ name }) => name === routes[0]?.dev) ?? addresses[0];
  if (!chosen) throw new Error('this machine has no IPv4 address besides loopback');
  return chosen.address;
}

export class TurnServer {
  /** @param {{secret: string, peer?: string}} options peer: the one address it relays to */
  static async start({ secret, peer = mediaAddress() }) {
    const turn = new TurnServer();
    turn.folder = mkdtempSync(join(tmpdir(), 'buzz-turn-'));
    turn.address = mediaAddress();
    turn.port = await freePort();
    const file = join(turn.folder, 'turnserver.conf');
    writeFileSync(file, turn.#config(secret, peer), { mode: 0o600 });
    turn.child = new Child('turnserver', ['-c', file], { cwd: turn.folder });
    // UDP, so there is nothing to connect to: it says so itself
    await until('coturn listens', () => {
      if (turn.child.result !== undefined) throw new Error(`coturn ended (${turn.child.result}):\n${turn.child.output}`);
      return /IPv4\. UDP listener opened on/.test(turn.log());
    }, { ms: 15000 });
    return turn;
  }

  #config(secret, peer) {
    const own = {
      'listening-ip': this.address, 'relay-ip': this.address, 'listening-port': this.port, 'static-auth-secret': secret,
      'allowed-peer-ip': peer, 'min-port': 35000, 'max-port': 35999,
    };
    let text = readFileSync(join(top, 'conf/coturn.conf.sample'), 'utf8');
    for (const [key, value] of Object.entries(own)) {
      const line = new RegExp(`^${key}=.*$`, 'm');
      if (!line.test(text)) throw new Error(`the sample has no ${key}`);
      text = text.replace(line, `${key}=${value}`);
    }
    const here = ['log-file=stdout', 'simple-log', 'verbose', `pidfile=${join(this.folder, 'pid')}`, `userdb=${join(this.folder, 'db')}`];
    return `${text}${here.join('\n')}\n`;
  }

  /** For ice.turn of the plugin. */
  get url() {
    return `turn:${this.address}:${this.port}?transport=udp`;
  }

  log() {
    return this.child.output;
  }

  async stop() {
    await this.child.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
