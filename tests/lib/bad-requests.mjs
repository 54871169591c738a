// SPDX-License-Identifier: GPL-3.0-only
// Expands tests/data/bad-requests.json as its own "about" says. The core's unit test reads the same file.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './service.mjs';

const RAW = '@raw@';

/** "streams[1].kind" -> ["streams", 1, "kind"] */
function steps(path) {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
}

function valueOf({ value, raw, repeat, nest = 0 }, raws) {
  let result = value;
  if (raw !== undefined) {
    raws.push(raw);
    result = `${RAW}${raws.length - 1}`;
  }
  if (repeat !== undefined) result = typeof result === 'string' ? result.repeat(repeat) : Array(repeat).fill(result);
  for (let i = 0; i < nest; i++) result = [result];
  return result;
}

function change(body, row, raws) {
  const path = steps(row.path);
  const last = path.pop();
  if (last === undefined) return valueOf(row, raws);
  const parent = path.reduce((value, step) => value[step], body);
  if (!row.remove) parent[last] = valueOf(row, raws);
  else if (Array.isArray(parent)) parent.splice(last, 1);
  else delete parent[last];
  return body;
}

/**
 * @returns {{name: string, request: string, body: unknown, rewrite: (text: string) => string, error_code: number,
 *   field: string, core: boolean}[]} rewrite: puts the texts of 'raw' into the JSON of the message
 */
export function badRequests() {
  const { base, rows } = JSON.parse(readFileSync(join(top, 'tests/data/bad-requests.json'), 'utf8'));
  return rows.map((row) => {
    const raws = [];
    const changes = [row, ...(row.also ?? [])];
    const body = changes.reduce((value, one) => change(value, one, raws), structuredClone(base[row.request]));
    const rewrite = (text) => raws.reduce((result, raw, i) => result.replace(JSON.stringify(`${RAW}${i}`), raw), text);
    const { name, request, error_code, field, core = false } = row;
    return { name, request, body, rewrite, error_code, field, core };
  });
}

/** The valid bodies the rows start from. */
export function goodRequests() {
  return JSON.parse(readFileSync(join(top, 'tests/data/bad-requests.json'), 'utf8')).base;
}
