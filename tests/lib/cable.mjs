// SPDX-License-Identifier: GPL-3.0-only
// A network cable that can be pulled, and that may be long: a TCP relay before the web server. Media takes its own way and does
// not notice.

import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';

/** Passes everything on in its order, each piece so many ms later. */
class Delay extends Transform {
  #pieces = [];
  #due = 0;

  /** @param {() => number} ms asked for each piece */
  constructor(ms) {
    super();
    this.ms = ms;
  }

  _transform(piece, _, done) {
    this.#later(() => this.push(piece));
    done();
  }

  _flush(done) {
    this.#later(done);
  }

  /** Timers that are due at once may come in any order, so each does what is next. */
  #later(action) {
    this.#pieces.push(action);
    this.#due = Math.max(this.#due, performance.now() + this.ms());
    setTimeout(() => this.#pieces.shift()(), this.#due - performance.now());
  }
}

export class Cable {
  /**
   * @param {string} url of the server behind it
   * @param {{there?: () => number, back?: () => number}} [delays] ms on the way to the server and back, asked for each piece of data
   */
  static async open(url, { there, back } = {}) {
    const cable = new Cable();
    const { port } = new URL(url);
    cable.server = createServer((near) => {
      if (cable.pulled) {
        near.destroy();
        return;
      }
      const far = connect(Number(port), 'localhost');
      for (const [one, other, delay] of [[near, far, there], [far, near, back]]) {
        cable.sockets.add(one);
        (delay ? one.pipe(new Delay(delay)) : one).pipe(other);
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
