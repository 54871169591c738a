// SPDX-License-Identifier: GPL-3.0-only
// Select boxes for camera, microphone and speaker: before joining and in the dialog during the call.
import { canChooseSpeaker, chosenDevice, listDevices, rememberDevice, watchDevices } from '../media/devices.js';
import { byId, fillSelect } from './dom.js';

/** @typedef {import('../media/local').LocalMedia} LocalMedia */

/**
 * @param {LocalMedia} media
 * @param {'camera' | 'microphone'} device
 * @param {HTMLSelectElement} select
 */
function bind(media, device, select) {
  const kind = device === 'camera' ? 'videoinput' : 'audioinput';
  select.addEventListener('change', () => media.choose(device, select.value));
  return async () => {
    const inUse = (device === 'camera' ? media.camera() : media.microphone())?.getSettings().deviceId;
    fillSelect(select, await listDevices(kind), inUse ?? chosenDevice(kind), `No ${device}`);
  };
}

/**
 * @param {LocalMedia} media
 * @param {(deviceId: string) => void} onSpeaker
 * @returns {() => void} brings all boxes up to date
 */
export function createChoices(media, onSpeaker) {
  const fill = [
    bind(media, 'camera', byId('preview-camera-choice')),
    bind(media, 'microphone', byId('preview-microphone-choice')),
    bind(media, 'camera', byId('camera-choice')),
    bind(media, 'microphone', byId('microphone-choice')),
  ];
  /** @type {HTMLSelectElement} */
  const speaker = byId('speaker-choice');
  byId('speaker-field').hidden = !canChooseSpeaker();
  if (canChooseSpeaker()) {
    fill.push(async () =>
      fillSelect(speaker, await listDevices('audiooutput'), chosenDevice('audiooutput'), 'Default'),
    );
    speaker.addEventListener('change', () => {
      rememberDevice('audiooutput', speaker.value);
      onSpeaker(speaker.value);
    });
    onSpeaker(chosenDevice('audiooutput'));
  }
  const refresh = () => fill.forEach((update) => update());
  watchDevices(refresh);
  return refresh;
}
