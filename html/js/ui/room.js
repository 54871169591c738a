// SPDX-License-Identifier: GPL-3.0-only
// The room on the page: brings tiles, sound and rings in line with the call and with one's own media.
import { createLevelMeter } from '../media/levels.js';
import { remoteTiles, soundSlots } from '../room/view.js';
import { byId } from './dom.js';
import { createSpeakers } from './speakers.js';
import { createStage } from './stage.js';
import { createTiles } from './tiles.js';

/** @typedef {import('../types').Tile} Tile */

const SELF = 'self';

/**
 * @param {object} options
 * @param {import('../room/call').Call} options.call
 * @param {import('../media/local').LocalMedia} options.media
 * @param {import('../screenshare').ScreenShare} options.screens
 */
export function createRoom({ call, media, screens }) {
  const stage = createStage();
  const speakers = createSpeakers(byId('speakers'), byId('hear'));
  /** @type {Tile[]} */
  let shown = [];
  const tiles = createTiles(byId('tiles'), {
    onToggle(key) {
      stage.toggle(key, shown);
      render();
    },
    onStop: (stream) => screens.stop(stream),
    pictureOf: (tile) => tile.track ?? (tile.slot === null ? null : (call.receiver(tile.slot)?.track ?? null)),
  });
  createLevelMeter({ ends: soundEnds, onLevels: tiles.setLevels });

  /** @returns {Tile[]} */
  function ownTiles() {
    const { display, phase, participants } = call.state();
    const alone = phase === 'joined' && participants.size === 0;
    const own = { participant: SELF, slot: null, name: display, interrupted: '', notice: '' };
    return [
      ...screens.screens.map(({ stream, title, picture }, index) => ({
        ...own,
        key: `${SELF}/${stream}`,
        kind: /** @type {const} */ ('own-screen'),
        stream,
        label: `Your screen ${index + 1}${title ? `: ${title}` : ''}`,
        track: picture,
        microphone: null,
      })),
      {
        ...own,
        key: SELF,
        kind: /** @type {const} */ ('self'),
        stream: 'cam',
        label: `${display} (you)`,
        track: media.camera(),
        microphone: media.microphoneOn(),
        notice: alone ? 'Nobody else is here yet. Send the link of this page to invite others.' : '',
      },
    ];
  }

  /** What a ring is drawn for, by tile key. */
  function soundEnds() {
    /** @type {Map<string, RTCRtpReceiver | RTCRtpSender>} */
    const ends = new Map();
    for (const { key, participant, kind } of soundSlots(call.state())) {
      const receiver = call.receiver(key);
      if (receiver && kind === 'microphone') ends.set(participant, receiver);
    }
    const sender = media.microphoneOn() ? call.sender('mic') : undefined;
    if (sender) ends.set(SELF, sender);
    return ends;
  }

  function renderSound() {
    /** @type {Map<string, MediaStreamTrack>} */
    const tracks = new Map();
    for (const { key } of soundSlots(call.state())) {
      const track = call.receiver(key)?.track;
      if (track) tracks.set(key, track);
    }
    speakers.render(tracks);
  }

  function render() {
    shown = [...remoteTiles(call.state()), ...ownTiles()];
    byId('tiles').classList.toggle('stale', call.state().phase === 'rejoining');
    tiles.render(shown, stage.enlarged(shown));
    renderSound();
  }

  return { render, setSink: speakers.setSink };
}
