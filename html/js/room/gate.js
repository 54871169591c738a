// SPDX-License-Identifier: GPL-3.0-only
// Holds requests back while the session is down: they would be lost, or come before the server and the page have agreed on
// what was. Only `sync`, which makes them agree, passes.

/** @typedef {import('../janus/handle').Handle} Handle */

export function createGate() {
  let opened = Promise.resolve();
  /** Lets through what waits; null while the gate is open. @type {(() => void) | null} */
  let release = null;

  return {
    /** What waits is released by the next `open`, also when it is closed again before. */
    close() {
      if (release) return;
      opened = new Promise((resolve) => {
        release = resolve;
      });
    },
    open() {
      release?.();
      release = null;
    },
    /** @param {Handle} handle @returns {Handle} the same, behind the gate */
    guard: (handle) => ({
      ...handle,
      message: (body, jsep) => opened.then(() => handle.message(body, jsep)),
      trickle: (candidate) => opened.then(() => handle.trickle(candidate)),
      detach: () => opened.then(() => handle.detach()),
    }),
    /** Settles when requests may be sent. @returns {Promise<void>} */
    passed: () => opened,
  };
}
