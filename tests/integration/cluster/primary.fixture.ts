// The real primary with another program in the workers' place: `primary.fixture.ts WORKER_ENTRY`.
import path from 'node:path';
import { runPrimary } from '../../../cluster/primary/main.ts';

await runPrimary({ workerEntry: path.resolve(import.meta.dirname, process.argv[2] ?? '') });
