// SPDX-License-Identifier: GPL-3.0-only
// The select box of the video codec this browser prefers for sending.
import { fillSelect } from './dom.js';

const NAMES = { vp8: 'VP8', vp9: 'VP9', h264: 'H.264', av1: 'AV1' };

/**
 * @param {HTMLSelectElement} select
 * @param {string} chosen or empty
 * @param {(codec: string) => void} onChange empty: automatic
 */
export function bindCodecChoice(select, chosen, onChange) {
  const types = new Set((RTCRtpSender.getCapabilities('video')?.codecs ?? []).map(({ mimeType }) => mimeType.toLowerCase()));
  const possible = Object.entries(NAMES).filter(([id]) => types.has(`video/${id}`));
  const choices = possible.map(([id, label]) => ({ id, label }));
  fillSelect(select, [{ id: '', label: 'Automatic' }, ...choices], chosen, '');
  select.addEventListener('change', () => onChange(select.value));
}
