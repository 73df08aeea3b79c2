// Process entry: `node bench/load/unary.ts '{"endpoint":...}'` drives unary load and prints what it saw.
import type { UnaryLoad } from '../contract.ts';
import { runCannon } from './cannon.ts';
import { sayMarks, sayResult } from './report-line.ts';
import { runUnary } from './unary-run.ts';

const load = JSON.parse(process.argv[2] ?? '') as UnaryLoad;
const { total, perSecond, mixed } = load;
sayResult(
  total !== undefined && perSecond === undefined && mixed === undefined
    ? await runCannon({ ...load, total }, sayMarks)
    : await runUnary(load, sayMarks),
);
// Sockets of a gateway that does not close them must not keep this process.
process.stdout.write('', () => process.exit(0));
