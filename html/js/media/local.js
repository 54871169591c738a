// SPDX-License-Identifier: GPL-3.0-only
// This person's microphone and camera: on or off, which device, what went wrong. Off means: the camera is released
// (its light goes out), the microphone is silenced but kept, so that it is back within a moment.
import { chosenDevice, rememberDevice } from './devices.js';
import { openDevice, openDevices } from './capture.js';

/** @typedef {import('../types').MediaProblem} MediaProblem */
/** @typedef {import('../types').Outgoing} Outgoing */

/**
 * @param {object} options
 * @param {number} [options.width] of the camera's picture, pixels
 * @param {() => void} options.onChange
 * @param {(problem: MediaProblem) => void} options.onProblem
 */
export function createLocalMedia({ width, onChange, onProblem }) {
  /** @type {MediaStreamTrack | null} */
  let camera = null;
  /** @type {MediaStreamTrack | null} */
  let microphone = null;
  let cameraWanted = true;
  let microphoneWanted = true;
  // once published, a stream stays in the list and is muted, so that turning it on again needs no offer
  let cameraPublished = false;
  let microphonePublished = false;

  const wishes = () => ({
    camera: { deviceId: chosenDevice('videoinput'), width },
    microphone: { deviceId: chosenDevice('audioinput') },
  });

  /** @param {MediaStreamTrack | null} track */
  function adoptCamera(track) {
    camera?.stop();
    camera = track;
    track?.addEventListener('ended', () => {
      if (camera !== track) return;
      camera = null;
      cameraWanted = false;
      onProblem({ device: 'camera', name: 'ended', text: 'The camera was unplugged or taken away.' });
      onChange();
    });
  }

  /** @param {MediaStreamTrack | null} track */
  function adoptMicrophone(track) {
    microphone?.stop();
    microphone = track;
    if (track) track.enabled = microphoneWanted;
    track?.addEventListener('ended', () => {
      if (microphone !== track) return;
      microphone = null;
      onProblem({ device: 'microphone', name: 'ended', text: 'The microphone was unplugged or taken away.' });
      onChange();
    });
  }

  /** @param {'camera' | 'microphone'} device @returns {Promise<boolean>} */
  async function open(device) {
    try {
      const track = await openDevice(device, wishes()[device]);
      if (device === 'microphone') adoptMicrophone(track);
      else if (cameraWanted) adoptCamera(track);
      else track.stop(); // turned off while the browser was still asking
      return true;
    } catch (problem) {
      onProblem(/** @type {MediaProblem} */ (problem));
      return false;
    }
  }

  return {
    camera: () => camera,
    microphone: () => microphone,
    cameraOn: () => camera !== null,
    microphoneOn: () => microphone !== null && microphoneWanted,
    /** Asks for both at once, as one does before joining; not for one that was turned off already. */
    async start() {
      /** @type {('camera' | 'microphone')[]} */
      const wanted = [];
      if (cameraWanted) wanted.push('camera');
      if (microphoneWanted) wanted.push('microphone');
      const opened = await openDevices(wanted, wishes());
      // turned off while the browser was still asking
      if (!cameraWanted) opened.camera?.stop();
      adoptCamera(cameraWanted ? opened.camera : null);
      adoptMicrophone(opened.microphone);
      if (!opened.camera) cameraWanted = false;
      opened.problems.forEach(onProblem);
      onChange();
    },
    /** @param {boolean} on */
    async setCamera(on) {
      cameraWanted = on;
      if (!on) adoptCamera(null);
      else if (!camera && !(await open('camera'))) cameraWanted = false;
      onChange();
    },
    /** @param {boolean} on */
    async setMicrophone(on) {
      microphoneWanted = on;
      if (microphone) microphone.enabled = on;
      else if (on) await open('microphone');
      onChange();
    },
    /**
     * Changes the device without any negotiation.
     * @param {'camera' | 'microphone'} device
     * @param {string} deviceId
     */
    async choose(device, deviceId) {
      rememberDevice(device === 'camera' ? 'videoinput' : 'audioinput', deviceId);
      const inUse = device === 'camera' ? camera : microphone;
      if (!inUse) return;
      // some cameras cannot be opened twice, phones cannot open two at all
      if (device === 'camera') adoptCamera(null);
      if (!(await open(device)) && device === 'camera') cameraWanted = false;
      onChange();
    },
    /** @returns {Outgoing[]} */
    outgoing() {
      microphonePublished ||= microphone !== null;
      cameraPublished ||= camera !== null;
      /** @type {Outgoing[]} */
      const streams = [];
      if (microphonePublished) {
        streams.push({
          stream: 'mic',
          kind: 'microphone',
          track: microphone,
          muted: !(microphone && microphoneWanted),
        });
      }
      if (cameraPublished) streams.push({ stream: 'cam', kind: 'camera', track: camera, muted: camera === null });
      return streams;
    },
    stop() {
      adoptCamera(null);
      adoptMicrophone(null);
      onChange();
    },
  };
}

/** @typedef {ReturnType<typeof createLocalMedia>} LocalMedia */
