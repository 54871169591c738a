// SPDX-License-Identifier: GPL-3.0-only
// The service and the browser of one bench, and the people in it. (tests/lib/scene.mjs does this for node's test runner.)

import { Chromium, joinAddress } from '../../lib/browser.mjs';
import { startServer } from '../../lib/server.mjs';

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
   * @param {{base?: string, options?: Record<string, string>, init?: [Function, unknown]}} [how] init: runs in the page before its scripts
   */
  async join(room, name, { base = this.server.url, options = {}, init } = {}) {
    const person = await this.chromium.open(name);
    this.people.push(person);
    if (init) await person.page.addInitScript(...init);
    await person.page.goto(joinAddress(base, room, name, options));
    await person.until('joined', ({ state }) => state === 'joined', 30000);
    return person;
  }

  /** Everybody goes. */
  async clear() {
    const people = this.people.splice(0);
    await Promise.all(people.map(({ page }) => page.context().close().catch(() => {}))); // crashed
  }
}
