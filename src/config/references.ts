// Follows references in text values: `env.NAME`, `os.environ/NAME` and `${NAME}` stand for an environment variable,
// `file:PATH` for the content of a file (relative to the configuration file, white space at its end removed), `vault:`,
// `aws-sm:` and `gcp-sm:` for what a manager of secrets keeps, which was read before.
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
  /** What managers of secrets gave, by reference. */
  managed?: ReadonlyMap<string, ManagedSecret> | undefined;
}

/** What a manager of secrets gave, or why it gave nothing. */
export type ManagedSecret = { readonly value: string } | { readonly fault: string };

const MANAGED = /^(?:vault|aws-sm|gcp-sm):\S+$/;

/** Whether the text refers to a manager of secrets: HashiCorp Vault, AWS, Google Cloud. */
export function isManaged(text: string): boolean {
  return MANAGED.test(text.trim());
}

const VARIABLE = /^(?:env\.([A-Za-z_]\w*)|os\.environ\/([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\})$/;
const FILE = 'file:';
/** A bundle of all well-known authorities has 220 KB. */
const MAX_SECRET_BYTES = 512 * 1024;

/** Whether the text leads somewhere else. */
export function isReference(text: string): boolean {
  const plain = text.trim();
  return VARIABLE.test(plain) || plain.startsWith(FILE) || MANAGED.test(plain);
}

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
  if (isManaged(plain)) {
    const found = options.managed?.get(plain);
    if (found === undefined) return { fault: 'its manager of secrets was not asked' };
    if ('value' in found) options.onSecret(found.value);
    return found;
  }
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
