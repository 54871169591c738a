// SPDX-License-Identifier: GPL-3.0-only
// The service and the browser of one bench, and the people in it. (tests/lib/scene.mjs does this for node's test runner.)

import { Chromium, joinAddress } from '../../lib/browser.mjs';
import { startServer } from '../../lib/server.mjs';

const SMALL_WINDOW = { width: 400, height: 300 };
const SMALL_CAMERA = { width: '160' };

export class Stage {
  /** Opens one, has the bench played on it, and ends all of it. @param {object} server for startServer @param {(stage: Stage) => Promise<void>} play */
  static async with(server, play) {
    const stage = new Stage();
    try {
      stage.server = await startServer(server);
      stage.things.push(stage.server);
      stage.chromium = await Chromium.start();
      stage.things.push(stage.chromium);
      await play(stage);
    } finally {
      for (const thing of stage.things.reverse()) await thing.stop().catch((error) => console.error(`not ended well: ${error.message}`));
    }
  }

  constructor() {
    /** @type {{stop(): Promise<void>}[]} */
    this.things = [];
    /** @type {import('../../lib/browser.mjs').Person[]} */
    this.people = [];
  }

  /** The WebSocket, through nginx as for the pages. */
  get wsUrl() {
    return `${this.server.url.replace('http', 'ws')}_/janus`;
  }

  /**
   * Somebody joins in a context of their own, as another user would have it.
   * @param {{base?: string, options?: Record<string, string>, small?: boolean, init?: [Function, unknown]}} [how] small: with a small
   *   window and a small camera, so that many fit on one machine; init: runs in the page before its scripts
   */
  async join(room, name, { base = this.server.url, options = {}, small = false, init } = {}) {
    const person = await this.chromium.open(name, small ? { viewport: SMALL_WINDOW } : {});
    this.people.push(person);
    if (init) await person.page.addInitScript(...init);
    await person.page.goto(joinAddress(base, room, name, small ? { ...SMALL_CAMERA, ...options } : options));
    await person.until('joined', ({ state }) => state === 'joined', 30000);
    return person;
  }

  /** Everybody goes. */
  async clear() {
    const people = this.people.splice(0);
    await Promise.all(people.map(({ page }) => page.context().close().catch(() => {}))); // crashed
  }
}
