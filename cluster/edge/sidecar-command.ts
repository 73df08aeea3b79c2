// `headgate sidecar`: its process stays beside the gateway's and the program's, so it loads nothing of the other commands.
import { type Environment, parsed, portOf } from './options.ts';
import { EdgeUsageError } from './setup/usage.ts';
import { runSidecar } from './sidecar.ts';
import { split } from './split-words.ts';

/** @returns the program's exit code. @throws EdgeUsageError */
export async function sidecarCommand(words: readonly string[], env: Environment): Promise<number> {
  const [own, [program, ...args]] = split(words, ['--config', '-c', '--port', '-p']);
  const options = {
    config: { type: 'string', short: 'c' },
    port: { type: 'string', short: 'p' },
  } as const;
  const { values } = parsed({ args: own, options });
  if (program === undefined)
    throw new EdgeUsageError('a program is needed: `headgate sidecar -- python app.py`');
  const port = portOf(values.port ?? '0');
  return runSidecar({ configFile: values.config, port, program, args, env });
}
