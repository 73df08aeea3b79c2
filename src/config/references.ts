// Follows references in text values: `env.NAME`, `os.environ/NAME` and `${NAME}` stand for an environment variable,
// `file:PATH` for the content of a file (relative to the configuration file, white space at its end removed).
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readFailure } from './file.ts';
import type { Path } from './path.ts';
import type { Problem } from './problem.ts';

export interface ReferenceOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative `file:` paths start from. */
  folder: string;
  /** Hears of every text that came from a reference. */
  onSecret(value: string): void;
  /** Hears the absolute path of every file that is named. */
  onFile?: ((path: string) => void) | undefined;
}

const VARIABLE = /^(?:env\.([A-Za-z_]\w*)|os\.environ\/([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\})$/;
const FILE = 'file:';
/** A bundle of all well-known authorities has 220 KB. */
const MAX_SECRET_BYTES = 512 * 1024;

/** `value` with every reference in it replaced. A reference that leads nowhere stays as it is and is a problem. */
export function followReferences(
  value: unknown,
  options: ReferenceOptions,
  problems: Problem[],
  path: Path = [],
): unknown {
  if (typeof value === 'string') {
    const result = followReference(value, options);
    if (!('fault' in result)) return result.value;
    problems.push({ path, message: result.fault });
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => followReferences(item, options, problems, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, {
      value: followReferences(item, options, problems, [...path, key]),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

/** One text: itself when it is no reference, what it stands for, or why it stands for nothing. */
export function followReference(
  text: string,
  options: ReferenceOptions,
): { value: string } | { fault: string } {
  const plain = text.trim();
  const name = VARIABLE.exec(plain)
    ?.slice(1)
    .find((part) => part !== undefined);
  if (name !== undefined) {
    const value = options.env[name];
    if (value === undefined || value === '') {
      return { fault: `environment variable \`${name}\` is ${value === '' ? 'empty' : 'not set'}` };
    }
    options.onSecret(value);
    return { value };
  }
  if (/^\$\{.*\}$/s.test(plain))
    return { fault: 'a reference in `$` and braces takes the name of one variable and nothing else' };
  if (!plain.startsWith(FILE)) return { value: text };
  try {
    const path = resolve(options.folder, plain.slice(FILE.length));
    options.onFile?.(path);
    const size = statSync(path).size;
    if (size > MAX_SECRET_BYTES)
      return { fault: `the file it names is larger than ${MAX_SECRET_BYTES} bytes` };
    const content = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    options.onSecret(content);
    const value = content.trimEnd();
    if (value === '') return { fault: 'the file it names is empty' };
    options.onSecret(value);
    return { value };
  } catch (error) {
    return { fault: `the file it names: ${readFailure(error)}` };
  }
}
