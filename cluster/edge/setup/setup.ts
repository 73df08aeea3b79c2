// Points coding agents at a gateway by their own configuration files, and takes that back: every change is shown before it is
// made, a copy of each file is kept, and what somebody else changed since stays.
import { rmSync } from 'node:fs';
import { type AgentFile, knownAgent, type SetupChoice, type Surroundings } from './agent-files.ts';
import { diffOf } from './diff.ts';
import { readIfThere, replaceFile } from './plain-file.ts';
import { BadFile, same } from './setting.ts';
import { createSetupBook, digestOf, type NewFile, type SetupBook } from './setup-book.ts';

/** Of what was written, what is not to be shown: a key, alone or behind a word. */
const KEYLIKE = /^(?!https?:)(?:\S+ )?[\w.-]{16,}$/;

/** Why an agent's files are left as they are. */
export class SetupError extends Error {}

export interface Change {
  readonly file: string;
  /** Null = there is none. */
  readonly before: string | null;
  /** Null = it goes. */
  readonly after: string | null;
}

export interface Work {
  readonly changes: readonly Change[];
  /** What a person would see; keys are masked. '' = nothing is to be done. */
  readonly diff: string;
  /** Makes the changes. */
  carryOut(): void;
}

export interface EdgeSetup {
  /** @throws SetupError */
  setup(agent: string, choice: SetupChoice): Work;
  /** @throws SetupError */
  undo(agent: string): Work;
  state(agent: string): SetupState;
}

export type SetupState =
  | { readonly kind: 'none' }
  | { readonly kind: 'set'; readonly gate: string; readonly subscription: boolean }
  /** Set up once, and what we wrote is not what stands there now. */
  | { readonly kind: 'changed'; readonly gate: string; readonly files: readonly string[] };

/** @param folder of the edge on this machine. @param now ms since 1970 */
export function createEdgeSetup(where: Surroundings, folder: string, now: () => number): EdgeSetup {
  const book = createSetupBook(folder);
  return {
    setup(name, choice) {
      const agent = knownAgent(name);
      if (agent === undefined) throw new SetupError(`${name} is not known`);
      if (choice.subscription && !agent.subscription)
        throw new SetupError(`${name} has no subscription that could be passed on`);
      const from = book.of(name);
      const files = agent.files(where, choice).map((one) => edited(one, from === null ? null : book, name));
      const { gate, subscription } = choice;
      const booked = { gate: gate.url, subscription, at: new Date(now()).toISOString() };
      return workOf(files, [gate.key], { first: () => book.put(name, booked, files) });
    },
    undo(name) {
      const booked = book.of(name);
      if (booked === null) return workOf([], [], {});
      const agent = knownAgent(name);
      const texts = booked.files.flatMap(({ settings }) => settings.flatMap(({ value }) => textsOf(value)));
      const secrets = texts.filter((text) => KEYLIKE.test(text));
      const changes = booked.files.map((one): Change => {
        const current = readIfThere(one.file);
        if (current === null) return { file: one.file, before: null, after: null };
        const original = one.backup === null ? null : book.before(one);
        if (digestOf(current) === one.written) return { file: one.file, before: current, after: original };
        const choice = { gate: { url: booked.gate, key: '' }, subscription: booked.subscription };
        const format = agent?.files(where, choice).find(({ file }) => file === one.file)?.format;
        if (format === undefined) throw new SetupError(`${one.file} is not where it was`);
        const after = attempt(one.file, () => format.revert(current, one.settings, original ?? ''));
        return { file: one.file, before: current, after };
      });
      return workOf(changes, secrets, { last: () => book.remove(name) });
    },
    state(name) {
      const booked = book.of(name);
      const agent = knownAgent(name);
      if (booked === null || agent === undefined) return { kind: 'none' };
      const { gate, subscription } = booked;
      const choice = { gate: { url: gate, key: '' }, subscription };
      const formats = new Map(agent.files(where, choice).map(({ file, format }) => [file, format]));
      const changed = booked.files.filter(({ file, settings }) => {
        const text = readIfThere(file) ?? '';
        try {
          return !settings.every(({ path, value }) => same(formats.get(file)?.read(text, path), value));
        } catch (error) {
          if (error instanceof BadFile) return true;
          throw error;
        }
      });
      if (changed.length === 0) return { kind: 'set', gate, subscription };
      return { kind: 'changed', gate, files: changed.map(({ file }) => file) };
    },
  };
}

/** Over what an earlier set-up wrote: that is taken back first, so that nothing of it is left. */
function edited({ file, format, settings }: AgentFile, book: SetupBook | null, agent: string): NewFile {
  const before = readIfThere(file);
  const earlier = book?.of(agent)?.files.find((one) => one.file === file);
  const after = attempt(file, () => {
    const text = before ?? '';
    const clean = earlier === undefined ? text : format.revert(text, earlier.settings, book!.before(earlier));
    const again = format.apply(clean, settings);
    // The same once more changes nothing, not even the order of lines.
    return earlier !== undefined &&
      settings.every(({ path, value }) => same(format.read(text, path), value)) &&
      same(earlier.settings, settings)
      ? text
      : again;
  });
  return { file, before, after, settings };
}

function attempt<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BadFile) throw new SetupError(`${file} is left as it is: ${error.message}`);
    throw error;
  }
}

interface Booking {
  /** Before files are written: copies of them are kept first. */
  readonly first?: () => void;
  /** Once all is as it was. */
  readonly last?: () => void;
}

function workOf(changes: readonly Change[], secrets: readonly string[], { first, last }: Booking): Work {
  const real = changes.filter(({ before, after }) => before !== after);
  const diff = real.map(({ file, before, after }) =>
    after === null ? `remove ${file}\n` : diffOf(file, before ?? '', after),
  );
  return {
    changes: real,
    diff: masked(diff.join('\n'), secrets),
    carryOut() {
      first?.();
      for (const { file, after } of real) {
        if (after === null) rmSync(file, { force: true });
        else replaceFile(file, after);
      }
      last?.();
    },
  };
}

/** A terminal is looked at by others, and copied from. */
function masked(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 8)
    .reduce((shown, secret) => shown.replaceAll(secret, `${secret.slice(0, 4)}…${secret.slice(-4)}`), text);
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
