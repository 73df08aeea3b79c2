// Proves the house rules on imports (scripts/layers/rules.ts) for this checkout; the gate `layers` of scripts/test.
import { resolve } from 'node:path';
import { checkLayers } from './layers/check.ts';

const { files, problems } = checkLayers(resolve(import.meta.dirname, '..'));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`layers: ${files} files, no circle of files or folders, no upward import`);
