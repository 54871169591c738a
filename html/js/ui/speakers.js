// SPDX-License-Identifier: GPL-3.0-only
// Everything that is heard: one audio element per slot. Browsers may refuse to play before the user has touched the
// page; then a button asks for that touch.

/**
 * @param {HTMLElement} container
 * @param {HTMLElement} button “tap to hear”
 */
export function createSpeakers(container, button) {
  /** @type {Map<string, HTMLAudioElement>} */
  const elements = new Map();
  let sink = '';

  /** @param {HTMLAudioElement} element */
  async function play(element) {
    try {
      await element.play();
      if ([...elements.values()].every(({ paused }) => !paused)) button.hidden = true;
    } catch (error) {
      if (/** @type {DOMException} */ (error).name === 'NotAllowedError') button.hidden = false;
    }
  }

  /** @param {HTMLAudioElement} element */
  function route(element) {
    if (sink && 'setSinkId' in element) element.setSinkId(sink).catch(() => {}); // unplugged: the default plays on
  }

  button.addEventListener('click', () => {
    button.hidden = true;
    for (const element of elements.values()) play(element);
  });

  return {
    /** @param {Map<string, MediaStreamTrack>} tracks all that is to be heard, by the key of its slot */
    render(tracks) {
      for (const [key, element] of elements) {
        if (tracks.has(key)) continue;
        element.srcObject = null;
        element.remove();
        elements.delete(key);
      }
      for (const [key, track] of tracks) {
        let element = elements.get(key);
        const playing = /** @type {MediaStream | null} */ (element?.srcObject ?? null)?.getAudioTracks()[0];
        if (playing === track) continue;
        if (!element) {
          element = document.createElement('audio');
          elements.set(key, element);
          container.append(element);
          route(element);
        }
        element.srcObject = new MediaStream([track]);
        play(element);
      }
      if (elements.size === 0) button.hidden = true;
    },
    /** @param {string} deviceId empty: the default */
    setSink(deviceId) {
      sink = deviceId;
      for (const element of elements.values()) route(element);
    },
  };
}
