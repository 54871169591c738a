// SPDX-License-Identifier: GPL-3.0-only
// The tiles on the page. An element stays in its place in the document for as long as its tile exists: a video that
// is moved stops playing, so only its rectangle changes.
import { icon, make } from './dom.js';
import { layout } from './layout.js';

/** @typedef {import('../types').Tile} Tile */

/** A camera is cropped to fill its tile, unless that would cut away more than this (ratio of the two aspects). */
const MAX_CROP = 1.9;

/** @param {string} name @returns {string} at most two initials */
function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join('');
}

/** @param {string} text @returns {number} the same hue for the same text, degrees */
function hueOf(text) {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 3600;
  return hash / 10;
}

/**
 * @param {object} options
 * @param {(key: string) => void} options.onToggle
 * @param {(stream: string) => void} options.onStop
 */
function createTileElement({ onToggle, onStop }) {
  const root = make('article', 'tile');
  const video = make('video');
  video.autoplay = true;
  video.playsInline = true;
  video.muted = true;
  video.disablePictureInPicture = true;
  const avatar = make('div', 'avatar');
  const notice = make('p', 'notice');
  const microphone = make('span', 'tile-microphone');
  const label = make('span', 'tile-name');
  const caption = make('div', 'caption');
  caption.append(microphone, label);
  const zoom = make('button', 'zoom');
  const stop = make('button', 'stop', 'Stop');
  stop.append(make('span', 'stop-what', ' sharing'));
  zoom.type = stop.type = 'button';
  root.append(video, avatar, notice, caption, zoom, stop);
  /** @type {Tile} */
  let tile;
  /** @type {MediaStreamTrack | null} */
  let shown = null;

  zoom.addEventListener('click', () => onToggle(tile.key));
  stop.addEventListener('click', () => onStop(tile.stream));
  for (const event of ['loadeddata', 'resize']) video.addEventListener(event, fitPicture);

  function fitPicture() {
    root.classList.toggle('has-picture', shown !== null && video.videoWidth > 0);
    const picture = video.videoWidth / video.videoHeight;
    const frame = root.clientWidth / root.clientHeight;
    root.classList.toggle('whole', Math.max(picture / frame, frame / picture) > MAX_CROP);
  }

  /** @param {MediaStreamTrack | null} track */
  function show(track) {
    if (track === shown) return;
    shown = track;
    root.classList.remove('has-picture');
    video.srcObject = track && new MediaStream([track]);
    if (track) video.play().catch(() => {}); // muted, so only a track that is replaced at once gets here
  }

  return {
    root,
    fitPicture,
    /** @param {Tile} next @param {MediaStreamTrack | null} track @param {boolean} enlarged */
    update(next, track, enlarged) {
      tile = next;
      show(track);
      root.dataset.key = tile.key;
      root.dataset.kind = tile.kind;
      root.dataset.participant = tile.participant;
      root.classList.toggle('interrupted', tile.interrupted !== '');
      root.classList.toggle('enlarged', enlarged);
      root.style.setProperty('--hue', String(hueOf(tile.name)));
      label.textContent = tile.label;
      avatar.textContent = initials(tile.name);
      notice.textContent = tile.interrupted || tile.notice;
      const off = tile.microphone === false;
      microphone.hidden = !off;
      if (off && !microphone.firstChild)
        microphone.append(icon('microphone-off'), make('span', 'visually-hidden', 'muted'));
      stop.hidden = tile.kind !== 'own-screen';
      stop.setAttribute('aria-label', `Stop sharing ${tile.label}`);
      zoom.setAttribute('aria-label', `${enlarged ? 'Back from' : 'Enlarge'} ${tile.label}`);
      zoom.setAttribute('aria-pressed', String(enlarged));
    },
    remove() {
      show(null);
      root.remove();
    },
  };
}

/**
 * @param {HTMLElement} container
 * @param {object} options
 * @param {(key: string) => void} options.onToggle a tile was clicked
 * @param {(stream: string) => void} options.onStop an own screen is to be stopped
 * @param {(tile: Tile) => MediaStreamTrack | null} options.pictureOf
 */
export function createTiles(container, { onToggle, onStop, pictureOf }) {
  /** @type {Map<string, ReturnType<typeof createTileElement>>} */
  const elements = new Map();
  /** @type {Tile[]} */
  let tiles = [];
  /** @type {string | null} */
  let enlarged = null;

  function place() {
    const size = { width: container.clientWidth, height: container.clientHeight };
    if (size.width === 0) return;
    for (const [key, rect] of layout(
      tiles.map((tile) => tile.key),
      enlarged,
      size,
    )) {
      const element = elements.get(key);
      if (!element) continue;
      const { style, classList } = element.root;
      style.translate = `${rect.x}px ${rect.y}px`;
      style.width = `${rect.width}px`;
      style.height = `${rect.height}px`;
      classList.toggle('small', rect.width < 180 || rect.height < 110);
      element.fitPicture();
    }
  }
  new ResizeObserver(place).observe(container);

  return {
    /** @param {Tile[]} next @param {string | null} key of the enlarged one */
    render(next, key) {
      tiles = next;
      enlarged = key;
      for (const [old, element] of elements) {
        if (tiles.some((tile) => tile.key === old)) continue;
        element.remove();
        elements.delete(old);
      }
      // from the last to the first, so that a new one goes before its neighbour and no other has to move
      let neighbour = null;
      for (const tile of [...tiles].reverse()) {
        let element = elements.get(tile.key);
        if (!element) {
          element = createTileElement({ onToggle, onStop });
          elements.set(tile.key, element);
          container.insertBefore(element.root, neighbour);
        }
        element.update(tile, pictureOf(tile), tile.key === enlarged);
        neighbour = element.root;
      }
      place();
    },
    /** @param {Map<string, number>} levels 0 to 1, by tile key */
    setLevels(levels) {
      for (const [key, { root }] of elements) root.style.setProperty('--level', String(levels.get(key) ?? 0));
    },
  };
}
