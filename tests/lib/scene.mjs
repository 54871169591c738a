// SPDX-License-Identifier: GPL-3.0-only
// What the browser tests of one file share: the service and some browsers. All of it ends with the file, and a failed
// test prints what pages and server had to say.

import { after, afterEach } from 'node:test';
import { Chromium, Firefox } from './browser.mjs';
import { Participant } from './client.mjs';
import { startServer } from './server.mjs';

const CONSOLE_LINES = 30;

export class Scene {
  /**
   * @param {{firefox?: boolean, chromium?: boolean, server?: object}} [options] server: for startServer
   */
  static async open({ chromium = true, firefox = false, server = {} } = {}) {
    const scene = new Scene();
    after(() => scene.close());
    afterEach((t) => {
      if (!t.passed) scene.report();
    });
    scene.server = await startServer(server);
    scene.things.push(scene.server);
    if (chromium) scene.chromium = await scene.start(Chromium);
    if (firefox) scene.firefox = await scene.start(Firefox);
    return scene;
  }

  constructor() {
    /** @type {{stop(): Promise<void>}[]} */
    this.things = [];
    this.people = [];
  }

  /** Another browser, such as one that is going to be killed. */
  async start(Browser, options) {
    const browser = await Browser.start(options);
    this.things.push(browser);
    return browser;
  }

  /** Somebody joins with a browser. The page is closed when the test ends. */
  async join(t, browser, room, name, options) {
    const person = await browser.join(this.server.url, room, name, options);
    this.people.push(person);
    t.after(() => person.close().catch(() => {})); // closed already by the test
    return person;
  }

  /** Somebody who only follows the signalling: exact in time, and sees reasons. */
  async witness(t, room, options = {}) {
    const url = `${this.server.url.replace('http', 'ws')}_/janus`;
    const witness = await Participant.join(url, { tenant: 'localhost', room, display: 'Witness', ...options });
    t.after(() => witness.drop());
    return witness;
  }

  report() {
    for (const { name, console: lines } of this.people) {
      console.error(`--- console of ${name}\n${lines.slice(-CONSOLE_LINES).join('\n')}`);
    }
    if (this.server) console.error(this.server.tail());
  }

  /** Browsers first, so that the server sees them go; each is stopped even when another cannot be. */
  async close() {
    const errors = [];
    for (const thing of [...this.things].reverse()) {
      await thing.stop().catch((error) => errors.push(error));
    }
    if (errors.length) throw errors[0];
  }
}
