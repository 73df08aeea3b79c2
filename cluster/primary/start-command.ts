// `headgate start`: its own file, since a bundle of it knows errors by classes of its own.
import { failureText } from '../views/failure-text.ts';
import { type PrimaryOptions, runPrimary } from './main.ts';

/** @returns the exit code, unless the process ends otherwise; what failed was said on stderr */
export async function startCommand(options: PrimaryOptions): Promise<number> {
  try {
    await runPrimary(options);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    process.stderr.write(failureText(error));
    return 1;
  }
}
