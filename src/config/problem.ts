// What is wrong with a configuration: collected whole, then thrown once.
import type { ConfigProblem } from '../contracts/managed-config.ts';
import type { Path } from './path.ts';

/** One thing that is wrong, and where. Messages never hold values, only names of keys. */
export interface Problem {
  path: Path;
  /** Point at the key itself (it is unknown) rather than at its value. */
  atKey?: boolean;
  message: string;
}

/** The configuration cannot be used. `problems` are whole lines for a person, without secrets. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  /** The same for programs; empty where nothing could be read at all. */
  readonly details: readonly ConfigProblem[];

  constructor(problems: readonly string[], details: readonly ConfigProblem[] = []) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
    this.details = details;
  }
}
