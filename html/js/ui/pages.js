// SPDX-License-Identifier: GPL-3.0-only
// Which of the page's three parts is shown: before joining, the room, or the end.
import { byId } from './dom.js';

/** @typedef {'prejoin' | 'room' | 'farewell'} Page */

/** @param {Page} page */
export function showPage(page) {
  for (const id of ['prejoin', 'room', 'farewell']) byId(id).hidden = id !== page;
}

/**
 * @param {object} words
 * @param {string} words.title
 * @param {string} words.text
 * @param {string} [words.button] to try again; none if that is of no use
 */
export function showFarewell({ title, text, button }) {
  showPage('farewell');
  byId('farewell-title').textContent = title;
  byId('farewell-text').textContent = text;
  byId('rejoin').textContent = button ?? '';
  byId('rejoin').hidden = !button;
  byId('farewell-title').focus();
}

/**
 * @param {import('../types').RoomState} state
 * @returns {{title: string, text: string, button: string}}
 */
export function farewellWords({ phase, problem }) {
  if (phase === 'refused') {
    return { title: 'You cannot join this room', text: `The server says: ${problem?.text}`, button: 'Try again' };
  }
  if (problem)
    return {
      title: 'You are no longer in the room',
      text: `The server ended it (${problem.text}).`,
      button: 'Join again',
    };
  return { title: 'You have left the room', text: 'Camera and microphone are off.', button: 'Join again' };
}
