// SPDX-License-Identifier: GPL-3.0-only
// The start page: turns a name into the address of a room.
import { parseRoomKey } from './room/room-key.js';
import { byId } from './ui/dom.js';

const MOODS = 'amber brisk calm clever early gentle golden happy lively mellow quiet sunny'.split(' ');
const THINGS = 'clover comet garden harbour lantern meadow orchard otter river sparrow thistle valley'.split(' ');

/** @type {HTMLInputElement} */
const input = byId('room');

/** @param {number} count @returns {number} 0 to count - 1 */
const random = (count) => crypto.getRandomValues(new Uint32Array(1))[0] % count;
const suggestion = () => `${MOODS[random(MOODS.length)]}-${THINGS[random(THINGS.length)]}-${10 + random(90)}`;

/** @param {string} name as typed @returns {string} path of the room */
function pathOf(name) {
  const segments = name.split('/').map((segment) => segment.trim());
  return `/${segments.filter(Boolean).map(encodeURIComponent).join('/')}`;
}

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
