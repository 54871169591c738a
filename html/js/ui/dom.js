// SPDX-License-Identifier: GPL-3.0-only
// Small helpers for the page. Text goes in by textContent only.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id of an element that room.html has
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`room.html has no #${id}`);
  return /** @type {T} */ (element);
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/**
 * @param {string} name of a symbol in room.html
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button that turns a device on and off.
 * @param {HTMLElement} button
 * @param {'microphone' | 'camera'} device
 * @param {boolean} on
 */
export function showToggle(button, device, on) {
  const state = on ? 'on' : 'off';
  if (button.dataset.state === state) return;
  button.dataset.state = state;
  button.replaceChildren(icon(on ? device : `${device}-off`), make('span', '', device === 'camera' ? 'Camera' : 'Mic'));
  button.setAttribute('aria-label', `Turn the ${device} ${on ? 'off' : 'on'}`);
  button.title = `Turn the ${device} ${on ? 'off' : 'on'}`;
}

/**
 * @param {HTMLSelectElement} select
 * @param {{id: string, label: string}[]} choices
 * @param {string} chosen id
 * @param {string} none what to show when there is no choice
 */
export function fillSelect(select, choices, chosen, none) {
  const options = (choices.length > 0 ? choices : [{ id: '', label: none }]).map(({ id, label }) => {
    const option = make('option', '', label);
    option.value = id;
    option.selected = id === chosen;
    return option;
  });
  select.replaceChildren(...options);
  select.disabled = choices.length === 0;
}
