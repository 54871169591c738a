// SPDX-License-Identifier: GPL-3.0-only
// Each codec that Buzz forwards, sent by one who prefers it; what a browser cannot decode is shown as such.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Scene } from '../lib/scene.mjs';

const scene = await Scene.open({ firefox: true });

for (const codec of ['vp8', 'vp9', 'h264', 'av1']) {
  test(`a camera in ${codec.toUpperCase()}`, { timeout: 90000 }, async (t) => {
    const room = `codecs/${codec}`;
    const chromium = await scene.join(t, scene.chromium, room, 'Viewer', { cam: '0', mic: '0' });
    const firefox = await scene.join(t, scene.firefox, room, 'Fox', { cam: '0', mic: '0' });
    const ada = await scene.join(t, scene.chromium, room, 'Ada', { codec });
    const { id } = await ada.snapshot();
    const now = await chromium.until('the camera', ({ participants }) => participants.some((one) => one.id === id));
    const { streams } = now.participants.find((one) => one.id === id);
    assert.equal(streams.find(({ kind }) => kind === 'camera').codec, codec);
    await chromium.flowing([`${id} cam`, `${id} mic`], { frames: 20 });

    const decodes = await firefox.evaluate((name) => {
      return RTCRtpReceiver.getCapabilities('video').codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${name}`);
    }, codec);
    if (decodes) {
      await firefox.flowing([`${id} cam`, `${id} mic`], { frames: 20 });
    } else {
      const { undecodable } = await firefox.until('it is named', (snapshot) => snapshot.undecodable.length > 0);
      assert.deepEqual(undecodable, [{ participant: id, stream: 'cam', codec, connection: 'sub' }]);
      await firefox.flowing([`${id} mic`]);
      assert.match(await firefox.text(), new RegExp(`${codec}.*cannot show`, 'i'));
    }
    t.diagnostic(`Firefox ${decodes ? 'decodes' : 'cannot decode'} ${codec}`);
  });
}

test('Firefox sends what Chromium shows, and the other way round', { timeout: 60000 }, async (t) => {
  const fox = await scene.join(t, scene.firefox, 'codecs/both', 'Fox');
  const ada = await scene.join(t, scene.chromium, 'codecs/both', 'Ada');
  const [foxId, adaId] = [(await fox.snapshot()).id, (await ada.snapshot()).id];
  await Promise.all([ada.flowing([`${foxId} cam`, `${foxId} mic`]), fox.flowing([`${adaId} cam`, `${adaId} mic`])]);
});
