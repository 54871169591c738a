// SPDX-License-Identifier: GPL-3.0-only
// Select boxes: camera, microphone and speaker before joining and in the dialog during the call, and there how one is
// connected.
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

/** @typedef {import('../room/receivers').Topology} Topology */

const TOPOLOGIES = [
  { id: 'shared', label: 'One for everybody' },
  { id: 'per-peer', label: 'One for each person' },
];

/**
 * @param {Topology} current
 * @param {(topology: Topology) => void} onChange
 */
export function createTopologyChoice(current, onChange) {
  /** @type {HTMLSelectElement} */
  const select = byId('topology-choice');
  fillSelect(select, TOPOLOGIES, current, '');
  select.addEventListener('change', () => onChange(/** @type {Topology} */ (select.value)));
}
