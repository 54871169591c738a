// SPDX-License-Identifier: GPL-3.0-only
// The screens this person shares: as many at once as they like, each with its own end.
import { mediaProblem } from './media/capture.js';

/** @typedef {import('./types').Outgoing} Outgoing */
/** @typedef {{stream: string, title: string, picture: MediaStreamTrack, sound: MediaStreamTrack | null}} Screen */

/** @type {Record<string, string>} */
const SURFACES = { monitor: 'whole screen', window: 'window', browser: 'tab' };

export class ScreenShare {
  /** @type {Map<string, Screen>} */
  #screens = new Map();
  #started = 0;
  #onChange;
  #onProblem;

  /**
   * @param {object} options
   * @param {() => void} options.onChange
   * @param {(problem: import('./types').MediaProblem) => void} options.onProblem
   */
  constructor({ onChange, onProblem }) {
    this.#onChange = onChange;
    this.#onProblem = onProblem;
  }

  /** @returns {boolean} false on phones */
  static isPossible() {
    return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
  }

  /** @returns {Screen[]} in the order they were started */
  get screens() {
    return [...this.#screens.values()];
  }

  /** Asks which screen, and shares it. A closed picker is no problem and changes nothing. */
  async start() {
    /** @type {MediaStream} */
    let media;
    try {
      // the members beyond video and audio are hints; browsers that do not know them ignore them
      const options = {
        video: { frameRate: 30 },
        audio: true,
        selfBrowserSurface: 'include',
        surfaceSwitching: 'include',
      };
      media = await navigator.mediaDevices.getDisplayMedia(options);
    } catch (error) {
      if (/** @type {DOMException} */ (error).name !== 'NotAllowedError')
        this.#onProblem(mediaProblem('screen', error));
      return;
    }
    const picture = media.getVideoTracks()[0];
    const sound = media.getAudioTracks()[0] ?? null;
    picture.contentHint = 'detail';
    this.#started += 1;
    const stream = `screen${this.#started}`;
    const title = SURFACES[picture.getSettings().displaySurface ?? ''] ?? '';
    this.#screens.set(stream, { stream, title, picture, sound });
    // the browser's own “Stop sharing”, or the window was closed
    picture.addEventListener('ended', () => this.stop(stream));
    this.#onChange();
  }

  /** @param {string} stream */
  stop(stream) {
    const screen = this.#screens.get(stream);
    if (!screen) return;
    this.#screens.delete(stream);
    screen.picture.stop();
    screen.sound?.stop();
    this.#onChange();
  }

  /** The one started last. */
  stopNewest() {
    const newest = this.screens.at(-1);
    if (newest) this.stop(newest.stream);
  }

  stopAll() {
    for (const { stream } of this.screens) this.stop(stream);
  }

  /** @returns {Outgoing[]} */
  outgoing() {
    return this.screens.flatMap(({ stream, title, picture, sound }) => {
      /** @type {Outgoing} */
      const screen = { stream, kind: 'screen', track: picture, muted: false, title };
      /** @type {Outgoing[]} */
      const audio = sound
        ? [{ stream: `${stream}-audio`, kind: 'screen_audio', track: sound, muted: false, of: stream }]
        : [];
      return [screen, ...audio];
    });
  }
}
