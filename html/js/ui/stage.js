// SPDX-License-Identifier: GPL-3.0-only
// Which tile is enlarged: the one the user chose; otherwise the newest screen of somebody else that has a picture,
// unless the user has gone back from it.

/** @typedef {import('../types').Tile} Tile */

export function createStage() {
  /** @type {string | null} */
  let chosen = null;
  /** Screens in the order their pictures came: has the user gone back from it? @type {Map<string, boolean>} */
  const screens = new Map();

  /**
   * @param {Tile[]} tiles all that are shown
   * @returns {string | null} key of the enlarged one
   */
  function enlarged(tiles) {
    const present = new Set(tiles.map(({ key }) => key));
    const pictures = new Set(tiles.filter(({ kind, slot }) => kind === 'screen' && slot !== null).map(({ key }) => key));
    for (const key of screens.keys()) {
      if (!present.has(key)) screens.delete(key);
    }
    for (const key of pictures) {
      if (!screens.has(key)) screens.set(key, false);
    }
    if (chosen !== null && !present.has(chosen)) chosen = null;
    return chosen ?? [...screens.keys()].filter((key) => pictures.has(key) && !screens.get(key)).at(-1) ?? null;
  }

  return {
    enlarged,
    /**
     * The user clicked a tile: enlarge it, or go back if it is enlarged.
     * @param {string} key
     * @param {Tile[]} tiles
     */
    toggle(key, tiles) {
      if (enlarged(tiles) === key) {
        chosen = null;
        for (const screen of screens.keys()) screens.set(screen, true);
      } else {
        chosen = key;
      }
    },
  };
}
