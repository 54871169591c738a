// SPDX-License-Identifier: GPL-3.0-only
// Short messages at the edge of the page, read out to those who do not see them.
import { make } from './dom.js';

const SHOWN_MS = 5000;
const MOST = 3;

/**
 * @param {HTMLElement} container
 * @param {HTMLElement} announcer a live region
 */
export function createToasts(container, announcer) {
  /** When each one goes. @type {WeakMap<Element, ReturnType<typeof setTimeout>>} */
  const ends = new WeakMap();

  return {
    /** One that says the same is not shown twice, but longer. @param {string} text @param {'info' | 'problem'} [kind] */
    show(text, kind = 'info') {
      const shown = [...container.children].find((other) => other.textContent === text);
      const toast = shown ?? make('div', `toast ${kind}`, text);
      clearTimeout(ends.get(toast));
      ends.set(toast, setTimeout(() => toast.remove(), kind === 'problem' ? 2 * SHOWN_MS : SHOWN_MS));
      if (shown) return;
      container.append(toast);
      while (container.children.length > MOST) container.firstElementChild?.remove();
      this.announce(text);
    },
    /** @param {string} text */
    announce(text) {
      const line = make('span', '', `${text} `);
      announcer.append(line);
      setTimeout(() => line.remove(), SHOWN_MS);
    },
  };
}

/** @typedef {ReturnType<typeof createToasts>} Toasts */
