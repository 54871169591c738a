// SPDX-License-Identifier: GPL-3.0-only
// A Janus with the plugin for the tests of one file.

import { after, afterEach } from 'node:test';
import { Service } from './service.mjs';

/** A Janus with its WebSocket only: {url, pid, log(), stop()}. */
export function startJanus(options = {}) {
  return Service.start({ ...options, args: ['--janus-only', ...(options.args ?? [])] });
}

/**
 * Starts one for all tests of the calling file. A failed test prints the end of the log, and the file fails when
 * a sanitizer reported anything.
 */
export async function janusForThisFile(options) {
  const janus = await startJanus(options);
  afterEach((t) => {
    if (!t.passed) console.error(janus.tail());
  });
  after(() => janus.stop());
  return janus;
}
