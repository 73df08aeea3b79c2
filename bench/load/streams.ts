// Process entry: `node bench/load/streams.ts '{"endpoint":...}'` drives streams and prints what it saw.
import type { StreamLoad } from '../contract.ts';
import { sayMarks, sayResult } from './report-line.ts';
import { runStreams } from './streams-run.ts';

const load = JSON.parse(process.argv[2] ?? '') as StreamLoad;
sayResult(await runStreams(load, sayMarks));
// Sockets of a gateway that does not close them must not keep this process.
process.stdout.write('', () => process.exit(0));
