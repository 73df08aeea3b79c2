// What a command that failed says on stderr.
import { ConfigError } from '../../src/config/problem.ts';
import { withPlaces } from '../../src/observability/frame-places.ts';
import { PortError } from '../crew/port.ts';

/** Ends with a line feed. What nobody foresaw is told with its stack. */
export function failureText(error: unknown): string {
  if (error instanceof ConfigError) {
    const { length } = error.problems;
    const title = `the configuration has ${length === 1 ? 'a problem' : `${length} problems`}`;
    return `headgate: ${title}\n${error.problems.map((problem) => `  ${problem}\n`).join('')}`;
  }
  if (error instanceof PortError) return `headgate: ${error.message}\n`;
  return `headgate: ${error instanceof Error ? withPlaces(error.stack ?? error.message) : String(error)}\n`;
}
