// A program that runs in the foreground of ours: it has the terminal, gets our signals, and its end is ours.
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

/** As shells say that a program could not be found, or not be run. */
const [NOT_FOUND, NOT_RUNNABLE] = [127, 126] as const;
const PASSED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

export interface Child {
  /** Exit code as a shell shows it: 128 and its number for a signal. Never rejects. */
  readonly ended: Promise<number>;
  /** Asks it to end. */
  stop(): void;
}

export function runChild(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Child {
  const child: ChildProcess = spawn(program, [...args], { stdio: 'inherit', env: { ...env } });
  const handlers = PASSED.map((signal) => {
    const pass = (): void => {
      // A terminal sends its signals to the whole group: the program has it already, and twice ends many.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    process.on(signal, pass);
    return [signal, pass] as const;
  });
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      process.stderr.write(`headgate: cannot run ${program}: ${error.message}\n`);
      resolve(error.code === 'ENOENT' ? NOT_FOUND : NOT_RUNNABLE);
    });
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  void ended.then(() => {
    for (const [signal, pass] of handlers) process.off(signal, pass);
  });
  return { ended, stop: () => void child.kill('SIGTERM') };
}
