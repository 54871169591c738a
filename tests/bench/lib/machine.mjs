// SPDX-License-Identifier: GPL-3.0-only
// What the figures were measured on.

import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { top } from '../../lib/service.mjs';

/** What a command says, whatever its status (that of `janus --version` is 1); null where there is no such command. */
function said(command, ...args) {
  const { stdout, stderr, error } = spawnSync(command, args, { cwd: top, encoding: 'utf8' });
  return error ? null : (stdout || stderr).trim();
}

export function describeMachine() {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? '',
    memory_mb: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
    janus: /version: (.*)/i.exec(said('janus', '--version') ?? '')?.[1] ?? null,
    chromium: said(process.env.BUZZ_TEST_CHROMIUM ?? 'chromium', '--version'),
    // a release tarball has none
    commit: /^[0-9a-f]{40,}$/.exec(said('git', 'rev-parse', 'HEAD') ?? '')?.[0] ?? null,
    changed: Boolean(said('git', 'status', '--porcelain')),
    load: loadavg(),
  };
}
