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
  return {
    /** @param {string} text @param {'info' | 'problem'} [kind] */
    show(text, kind = 'info') {
      const toast = make('div', `toast ${kind}`, text);
      container.append(toast);
      while (container.children.length > MOST) container.firstElementChild?.remove();
      setTimeout(() => toast.remove(), kind === 'problem' ? 2 * SHOWN_MS : SHOWN_MS);
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
