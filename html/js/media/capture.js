// SPDX-License-Identifier: GPL-3.0-only
// Opens the camera and the microphone, and says in plain words why that did not work.
import { hasDevice, mediaDevices } from './devices.js';

/** @typedef {import('../types').MediaProblem} MediaProblem */
/** @typedef {'camera' | 'microphone'} Device */

/** @typedef {object} Wish
 * @property {string} deviceId empty: the browser's choice
 * @property {number} [width] of the picture, for cameras; pixels
 */

const PICTURE_WIDTH = 1280;

/** @param {Wish} wish @returns {MediaTrackConstraints} */
function cameraConstraints({ deviceId, width = PICTURE_WIDTH }) {
  return {
    width: { ideal: width },
    height: { ideal: Math.round((width * 9) / 16) },
    frameRate: { ideal: width < 640 ? 15 : 30 },
    ...(deviceId && { deviceId: { ideal: deviceId } }),
  };
}

/** @param {Wish} wish @returns {MediaTrackConstraints} */
function microphoneConstraints({ deviceId }) {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(deviceId && { deviceId: { ideal: deviceId } }),
  };
}

/**
 * @param {MediaProblem['device']} device
 * @param {string} name of the DOMException
 * @returns {string} for people
 */
export function problemText(device, name) {
  const title = device.charAt(0).toUpperCase() + device.slice(1);
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `${title} access is blocked. Allow it in the browser’s address bar, then turn it on again.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${device} was found on this device.`;
    case 'NotReadableError':
    case 'AbortError':
      return `The ${device} is in use by another program, or does not start.`;
    case 'InsecureContext':
      return `The browser gives no access to the ${device} on a page without https.`;
    default:
      return `The ${device} could not be opened (${name}).`;
  }
}

/** @param {MediaProblem['device']} device @param {unknown} error @returns {MediaProblem} */
export function mediaProblem(device, error) {
  const name = String(/** @type {{name?: unknown} | null} */ (error)?.name ?? 'unknown error');
  return { device, name, text: problemText(device, name) };
}

/**
 * @param {Device} device
 * @param {Wish} wish
 * @returns {Promise<MediaStreamTrack>}
 * @throws {MediaProblem}
 */
export async function openDevice(device, wish) {
  const devices = mediaDevices();
  if (!devices) throw { device, name: 'InsecureContext', text: problemText(device, 'InsecureContext') };
  try {
    const constraints =
      device === 'camera' ? { video: cameraConstraints(wish) } : { audio: microphoneConstraints(wish) };
    const stream = await devices.getUserMedia(constraints);
    return stream.getTracks()[0];
  } catch (error) {
    throw mediaProblem(device, error);
  }
}

/** @param {Device} device @returns {Promise<boolean>} false also where the browser does not tell */
async function isGranted(device) {
  try {
    const name = /** @type {PermissionName} */ (device);
    return (await navigator.permissions.query({ name })).state === 'granted';
  } catch {
    return false;
  }
}

/**
 * Both with one question to the user. What cannot be had is left out.
 * @param {Device[]} wanted
 * @param {{camera: Wish, microphone: Wish}} wishes
 * @returns {Promise<{camera: MediaStreamTrack | null, microphone: MediaStreamTrack | null, problems: MediaProblem[]}>}
 */
export async function openDevices(wanted, wishes) {
  /** @type {Device[]} */
  const present = [];
  /** @type {MediaProblem[]} */
  const problems = [];
  for (const device of wanted) {
    if (!mediaDevices() || (await hasDevice(device === 'camera' ? 'videoinput' : 'audioinput'))) present.push(device);
    else problems.push({ device, name: 'NotFoundError', text: problemText(device, 'NotFoundError') });
  }
  let refusal = '';
  if (present.length === 2) {
    try {
      const stream = await /** @type {MediaDevices} */ (mediaDevices()).getUserMedia({
        video: cameraConstraints(wishes.camera),
        audio: microphoneConstraints(wishes.microphone),
      });
      return { camera: stream.getVideoTracks()[0], microphone: stream.getAudioTracks()[0], problems };
    } catch (error) {
      refusal = mediaProblem('camera', error).name;
    }
  }
  /** @param {Device} device @returns {Promise<MediaStreamTrack | null>} */
  const attempt = async (device) => {
    if (!present.includes(device)) return null;
    try {
      // one of the two is at fault, so each is tried; but a user who said no is not asked again
      if (refusal === 'NotAllowedError' && !(await isGranted(device))) throw mediaProblem(device, { name: refusal });
      return await openDevice(device, wishes[device]);
    } catch (problem) {
      problems.push(/** @type {MediaProblem} */ (problem));
      return null;
    }
  };
  return { microphone: await attempt('microphone'), camera: await attempt('camera'), problems };
}
