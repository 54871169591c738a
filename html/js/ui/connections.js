// SPDX-License-Identifier: GPL-3.0-only
// The connections of this page, each with its states. Text only.
import { make } from './dom.js';

/**
 * @param {HTMLElement} container a list
 * @param {(id: string) => string} nameOf
 */
export function createConnectionList(container, nameOf) {
  return {
    /** @param {import('../types').ConnectionState[]} all */
    render(all) {
      container.replaceChildren(...all.map(({ name, participant, offers, ...states }) => {
        const row = make('li');
        row.dataset.connection = name;
        row.dataset.state = states.connectionState;
        const purpose = name === 'pub' ? 'sends' : `receives ${participant ? nameOf(participant) : 'everybody'}`;
        const words = [
          states.connectionState, `ICE ${states.iceConnectionState}`, `negotiation ${states.signalingState}`, offers === 1 ? '1 offer' : `${offers} offers`,
        ];
        row.append(make('strong', '', `${name} · ${purpose}`), make('span', '', words.join(' · ')));
        return row;
      }));
    },
  };
}
