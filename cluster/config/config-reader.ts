// A process that reads the configuration for another, says what it found or what is wrong, and ends (distant-config.ts).
import type { LoadedConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import type { ConfigProblem } from '../../src/contracts/managed-config.ts';
import { createConfigSource } from './config-source.ts';

/** Its one message. */
export type ReadConfig = { readonly files: readonly string[]; readonly asks: boolean } & (
  | { readonly loaded: LoadedConfig }
  | { readonly problems: readonly string[]; readonly details: readonly ConfigProblem[] }
);

const source = createConfigSource({
  env: process.env,
  cwd: process.cwd(),
  wall: () => Date.now(),
  stale: () => undefined, // nothing is read twice here
});

function tell(read: ReadConfig): void {
  process.send!(read, undefined, undefined, () => process.exit(0));
}

try {
  const loaded = await source.load(process.argv[2]);
  tell({ loaded, files: source.files, asks: source.asks });
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  tell({ problems: error.problems, details: error.details, files: source.files, asks: source.asks });
}
