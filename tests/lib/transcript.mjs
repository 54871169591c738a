// SPDX-License-Identifier: GPL-3.0-only
// Reads the transcript of docs/protocol.md and compares what a server says with it.

import { inWords } from './sdp.mjs';

const LINE = /^([<>]) (\w+) (JANUS|PUB|SUB) (\{.*\})$/;
const SOCKET = /^! (\w+) WebSocket (lost|open)$/;
const NAME = /^<([\w.]+)>$/;
const DESCRIPTION = /^<sdp: (.+)>$/;

/**
 * @returns {{number: number, who: string, socket?: 'lost' | 'open', sent?: boolean, handle?: string, message?: object,
 *   jsep?: object}[]} number: of the line in the page; socket: what happens to somebody's WebSocket, otherwise a message
 */
export function readTranscript(page) {
  const steps = [];
  let inside = false;
  for (const [index, text] of page.split('\n').entries()) {
    if (text.startsWith('```')) {
      inside = text === '```transcript';
    } else if (inside && text && !text.startsWith('#')) {
      const socket = SOCKET.exec(text);
      if (socket) {
        steps.push({ number: index + 1, who: socket[1], socket: socket[2] });
        continue;
      }
      const line = LINE.exec(text);
      if (!line) throw new Error(`line ${index + 1}: not a line of a transcript: ${text}`);
      const [, arrow, who, handle, json] = line;
      const [message, jsep] = json.split('} + {').map((part, i, parts) => {
        return JSON.parse((i ? '{' : '') + part + (i < parts.length - 1 ? '}' : ''));
      });
      steps.push({ number: index + 1, sent: arrow === '>', who, handle, message, jsep });
    }
  }
  return steps;
}

/** The values that names in angle brackets stand for. */
export class Names {
  #values = new Map();

  get(name) {
    return this.#values.get(name);
  }

  set(name, value) {
    this.#values.set(name, value);
  }

  /** A client's line with the values in; make(name) makes up those that nobody has said yet. */
  fill(value, make) {
    if (typeof value === 'string') {
      const name = NAME.exec(value)?.[1];
      if (!name) return value;
      if (!this.#values.has(name)) this.#values.set(name, make(name));
      return this.#values.get(name);
    }
    if (Array.isArray(value)) return value.map((one) => this.fill(one, make));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.fill(one, make)]));
  }

  /** Compares what came with a server's line and learns its new names. Throws at the first difference. */
  compare(expected, actual, path = '') {
    const differs = () => {
      throw new Error(`${path || 'the message'}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
    };
    if (typeof expected === 'string') {
      const words = DESCRIPTION.exec(expected)?.[1];
      const name = NAME.exec(expected)?.[1];
      if (words) {
        if (typeof actual !== 'string' || inWords(actual) !== words) {
          throw new Error(`${path}: expected ${words}, got ${inWords(String(actual))}\n${actual}`);
        }
      } else if (name && !this.#values.has(name)) {
        if (actual === undefined) differs();
        this.#values.set(name, actual);
      } else if (actual !== (name ? this.#values.get(name) : expected)) {
        differs();
      }
    } else if (expected !== null && typeof expected === 'object') {
      if (actual === null || typeof actual !== 'object' || Array.isArray(actual) !== Array.isArray(expected)) differs();
      const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
      for (const key of keys) {
        if (!(key in expected) || !(key in actual)) differs();
        this.compare(expected[key], actual[key], `${path}/${key}`);
      }
    } else if (expected !== actual) {
      differs();
    }
  }
}
