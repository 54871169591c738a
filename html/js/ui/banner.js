// SPDX-License-Identifier: GPL-3.0-only
// The line across the room while something is wrong with one's own connection; a live region, so it is also read out.
import { bannerText } from '../room/view.js';

/** @param {HTMLElement} element */
export function createBanner(element) {
  return {
    /** @param {import('../types').RoomState} state */
    render(state) {
      const text = bannerText(state);
      if (element.textContent !== text) element.textContent = text;
      element.classList.toggle('shown', text !== '');
    },
  };
}
