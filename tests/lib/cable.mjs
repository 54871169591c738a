// SPDX-License-Identifier: GPL-3.0-only
// A network cable that can be pulled: a TCP relay before the web server. Media takes its own way and does not notice.

import { connect, createServer } from 'node:net';

export class Cable {
  /** @param {string} url of the server behind it */
  static async open(url) {
    const cable = new Cable();
    const { port } = new URL(url);
    cable.server = createServer((near) => {
      if (cable.pulled) {
        near.destroy();
        return;
      }
      const far = connect(Number(port), 'localhost');
      for (const [one, other] of [[near, far], [far, near]]) {
        cable.sockets.add(one);
        one.pipe(other);
        one.on('error', () => {}); // 'close' follows
        one.on('close', () => {
          cable.sockets.delete(one);
          other.destroy();
        });
      }
    });
    await new Promise((done, fail) => cable.server.once('error', fail).listen(0, 'localhost', done));
    cable.url = url.replace(port, String(cable.server.address().port));
    return cable;
  }

  constructor() {
    this.sockets = new Set();
    this.pulled = false;
  }

  pull() {
    this.pulled = true;
    for (const socket of this.sockets) socket.destroy();
  }

  plug() {
    this.pulled = false;
  }

  stop() {
    this.pull();
    return new Promise((done) => this.server.close(done));
  }
}
