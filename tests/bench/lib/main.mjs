// SPDX-License-Identifier: GPL-3.0-only
// main.mjs RUNS NAME...: runs these benches one after the other. script/bench calls it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { top } from '../../lib/service.mjs';
import { Book } from './book.mjs';
import { describeMachine } from './machine.mjs';

const [runs, ...names] = process.argv.slice(2);
const book = new Book(Number(runs));
const machine = describeMachine();
const started = new Date();
console.log(`${machine.cores} cores, kernel ${machine.kernel}, Janus ${machine.janus}, ${machine.chromium}, load ${machine.load[0].toFixed(1)}`);

for (const name of names) {
  const { bench } = await import(`../${name}.mjs`);
  await bench(book).catch((error) => book.broke(name, error));
}

const folder = join(top, 'build/bench');
const file = join(folder, `${started.toISOString().replace(/[-:]|\.\d+/g, '')}.json`);
mkdirSync(folder, { recursive: true });
const times = { started: started.toISOString(), took_s: Math.round((Date.now() - started.getTime()) / 1000) };
writeFileSync(file, `${JSON.stringify({ format: 1, ...times, machine: { ...machine, load_after: loadavg() }, series: book }, null, 1)}\n`);
console.log(`${book.failures} runs failed. Everything is in ${file}`);
process.exit(book.failures ? 1 : 0); // whatever hangs must not keep it
