// Runs a generator process on its core and hears what it says.
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { lastWords, start, stop } from '../processes.ts';
import { BEGIN, END, RESULT } from './report-line.ts';

export interface GeneratorHooks {
  /** The measured window opens and closes. */
  begin(): void;
  end(): void;
}

/** @throws with the end of what it wrote, when it ends without a result. */
export async function generate<T>(
  script: 'unary' | 'streams',
  load: object,
  core: number,
  hooks: GeneratorHooks,
): Promise<T> {
  const path = fileURLToPath(new URL(`./${script}.ts`, import.meta.url));
  const child = start(process.execPath, ['--max-semi-space-size=32', path, JSON.stringify(load)], {
    cores: [core],
    mayEnd: true,
  });
  let result: T | null = null;
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line === BEGIN) hooks.begin();
    else if (line === END) hooks.end();
    else if (line.startsWith(`${RESULT} `)) result = JSON.parse(line.slice(RESULT.length + 1)) as T;
  }
  await stop(child);
  if (result === null) throw new Error(`the ${script} generator ended without a result\n${lastWords(child)}`);
  return result;
}
