// SPDX-License-Identifier: GPL-3.0-only
// The start page: turns a name into the address of a room.
import { parseRoomKey } from './room/room-key.js';

const MOODS = ['amber', 'brisk', 'calm', 'clever', 'early', 'gentle', 'golden', 'happy', 'lively', 'mellow', 'quiet', 'sunny'];
const THINGS = ['clover', 'comet', 'garden', 'harbour', 'lantern', 'meadow', 'orchard', 'otter', 'river', 'sparrow', 'thistle', 'valley'];

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const input = /** @type {HTMLInputElement} */ (byId('room'));

/** @param {string[]} words */
const pick = (words) => words[crypto.getRandomValues(new Uint32Array(1))[0] % words.length];
const suggestion = () => `${pick(MOODS)}-${pick(THINGS)}-${10 + (crypto.getRandomValues(new Uint8Array(1))[0] % 90)}`;

/** @param {string} name as typed @returns {string} path of the room */
const pathOf = (name) => `/${name.trim().split('/').filter(Boolean).map((part) => encodeURIComponent(part.trim())).join('/')}`;

byId('host').textContent = `${location.host}/`;
input.placeholder = suggestion();

byId('suggest').addEventListener('click', () => {
  input.value = suggestion();
  byId('problem').textContent = '';
  input.focus();
});

input.addEventListener('input', () => {
  byId('problem').textContent = '';
});

byId('go').addEventListener('submit', (event) => {
  event.preventDefault();
  const path = pathOf(input.value || input.placeholder);
  try {
    parseRoomKey(location.hostname, path);
    location.assign(path);
  } catch (error) {
    byId('problem').textContent = /** @type {Error} */ (error).message;
  }
});
