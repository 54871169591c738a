// SPDX-License-Identifier: GPL-3.0-only
// Before joining: name, picture of oneself, devices.
import { tidyName } from '../settings.js';
import { byId, make, showToggle } from './dom.js';

/**
 * @param {object} options
 * @param {import('../media/local').LocalMedia} options.media
 * @param {string} options.room shown in the title
 * @param {string} options.name the one used last time
 * @param {(name: string) => void} options.onJoin
 */
export function createPrejoin({ media, room, name, onJoin }) {
  /** @type {HTMLInputElement} */
  const input = byId('name');
  /** @type {HTMLVideoElement} */
  const video = byId('preview-video');
  const microphone = byId('preview-microphone');
  const camera = byId('preview-camera');
  /** @type {Map<string, string>} */
  const problems = new Map();

  byId('prejoin-title').textContent = `Join ${room}`;
  input.value = name;
  video.muted = true;
  microphone.addEventListener('click', () => media.setMicrophone(!media.microphoneOn()));
  camera.addEventListener('click', () => media.setCamera(!media.cameraOn()));
  input.addEventListener('input', () => input.setCustomValidity(''));
  byId('prejoin-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = tidyName(input.value);
    if (chosen) {
      onJoin(chosen);
    } else {
      input.setCustomValidity('Please say who you are.');
      input.reportValidity();
    }
  });

  return {
    /** @param {import('../types').MediaProblem} problem */
    showProblem(problem) {
      problems.set(problem.device, problem.text);
    },
    render() {
      showToggle(microphone, 'microphone', media.microphoneOn());
      showToggle(camera, 'camera', media.cameraOn());
      if (media.cameraOn()) problems.delete('camera');
      if (media.microphoneOn()) problems.delete('microphone');
      const track = media.camera();
      const shown = /** @type {MediaStream | null} */ (video.srcObject)?.getVideoTracks()[0] ?? null;
      if (track !== shown) video.srcObject = track && new MediaStream([track]);
      video.hidden = !track;
      byId('preview-off').hidden = Boolean(track);
      byId('problems').replaceChildren(...[...problems.values()].map((text) => make('li', '', text)));
    },
    focus: () => (input.value ? byId('join') : input).focus(),
    /** The picture moves into the room. */
    close() {
      video.srcObject = null;
    },
  };
}
