// SPDX-License-Identifier: GPL-3.0-only
// The same vectors as tests/unit/room_key.c.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseRoomKey, RoomKeyError } from '../../html/js/room/room-key.js';

const rows = JSON.parse(readFileSync(new URL('../data/room-keys.json', import.meta.url), 'utf8'));

test('there are vectors of both sorts', () => {
  assert.ok(rows.filter(({ key }) => key).length >= 20);
  assert.ok(rows.filter(({ error }) => error).length >= 20);
});

for (const [index, { tenant, room, key, error }] of rows.entries()) {
  const name = `${index}: ${JSON.stringify([tenant, room]).slice(0, 80)}`;
  if (key) {
    test(name, () => assert.deepEqual(parseRoomKey(tenant, room), key));
  } else {
    test(name, () =>
      assert.throws(
        () => parseRoomKey(tenant, room),
        (thrown) => thrown instanceof RoomKeyError && thrown.part === error,
      ),
    );
  }
}
