// Entry of the process that `headgate sidecar` becomes.
import { optimiseFromNowOn } from './small-heap.ts';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { failureText } from '../views/failure-text.ts';
import { runSidecar } from './sidecar-main.ts';
import { unpackOrder } from './sidecar-order.ts';

// Beside the bundle lies its way to the worker; modules have their own.
const worker = path.join(path.dirname(process.argv[1] ?? ''), 'worker.cjs');

const order = unpackOrder(process.argv.slice(2));
runSidecar(order, existsSync(worker) ? worker : undefined, optimiseFromNowOn).catch((error: unknown) => {
  process.stderr.write(failureText(error));
  process.exit(1);
});
