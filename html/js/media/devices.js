// SPDX-License-Identifier: GPL-3.0-only
// Which cameras, microphones and speakers there are, and which the user chose last time.

import { recall, remember } from '../storage.js';

/** @typedef {'videoinput' | 'audioinput' | 'audiooutput'} DeviceKind */

/** @param {DeviceKind} kind */
const storageKey = (kind) => `buzz.device.${kind}`;

/** @param {DeviceKind} kind @returns {string} device id, or empty for the default */
export function chosenDevice(kind) {
  return recall(storageKey(kind));
}

/** @param {DeviceKind} kind @param {string} deviceId */
export function rememberDevice(kind, deviceId) {
  remember(storageKey(kind), deviceId);
}

/** Undefined on a page that is neither https nor localhost. @returns {MediaDevices | undefined} */
export const mediaDevices = () => navigator.mediaDevices;

/**
 * @param {DeviceKind} kind
 * @returns {Promise<{id: string, label: string}[]>} with labels once access was granted
 */
export async function listDevices(kind) {
  const devices = (await mediaDevices()?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === kind && device.deviceId !== '')
    .map((device, index) => ({ id: device.deviceId, label: device.label || `Device ${index + 1}` }));
}

/** @param {DeviceKind} kind @returns {Promise<boolean>} also known without access */
export async function hasDevice(kind) {
  const devices = (await mediaDevices()?.enumerateDevices()) ?? [];
  return devices.some((device) => device.kind === kind);
}

/** @param {() => void} listener called when something is plugged in or out */
export function watchDevices(listener) {
  mediaDevices()?.addEventListener('devicechange', listener);
}

/** @returns {boolean} whether this browser lets a page choose the speaker */
export const canChooseSpeaker = () => 'setSinkId' in HTMLMediaElement.prototype;
