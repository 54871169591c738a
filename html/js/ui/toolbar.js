// SPDX-License-Identifier: GPL-3.0-only
// The buttons of the room, the line above the tiles, and the dialog of devices.
import { ScreenShare } from '../screenshare.js';
import { connectionStatus } from '../room/view.js';
import { byId, showToggle } from './dom.js';

/**
 * @param {object} options
 * @param {import('../media/local').LocalMedia} options.media
 * @param {ScreenShare} options.screens
 * @param {string} options.room
 * @param {import('./toast').Toasts} options.toasts
 * @param {() => void} options.onLeave
 */
export function createToolbar({ media, screens, room, toasts, onLeave }) {
  const microphone = byId('microphone');
  const camera = byId('camera');
  const status = byId('status');
  /** @type {HTMLDialogElement} */
  const dialog = byId('settings');

  byId('room-name').textContent = room;
  byId('share').hidden = !ScreenShare.isPossible();
  microphone.addEventListener('click', () => media.setMicrophone(!media.microphoneOn()));
  camera.addEventListener('click', () => media.setCamera(!media.cameraOn()));
  byId('share').addEventListener('click', () => screens.start());
  byId('leave').addEventListener('click', onLeave);
  byId('open-settings').addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // outside: the dialog itself is the backdrop
  });
  byId('copy-link').addEventListener('click', copyLink);

  async function copyLink() {
    const link = location.origin + location.pathname;
    try {
      await navigator.clipboard.writeText(link);
      toasts.show('Link copied. Whoever opens it is in the room.');
    } catch {
      toasts.show(`The link of this room: ${link}`);
    }
  }

  return {
    /** @param {import('../types').RoomState} state */
    render(state) {
      showToggle(microphone, 'microphone', media.microphoneOn());
      showToggle(camera, 'camera', media.cameraOn());
      const { level, text } = connectionStatus(state);
      status.dataset.level = level;
      if (status.textContent !== text) status.textContent = text;
      byId('people-count').textContent = String(state.participants.size + 1);
    },
  };
}
