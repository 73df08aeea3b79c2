// TOML, as Codex keeps it. Edited by lines: a key of the top level, or a table of one's own as a whole. What comes out is parsed
// and compared with what was meant; where that differs the file is left alone.
import { parse } from 'smol-toml';
import { at, BadFile, type FileFormat, type Setting, type SettingValue, same } from './setting.ts';

interface Span {
  readonly from: number;
  /** Behind its last line. */
  readonly to: number;
}

function valueIn(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    throw new BadFile(`it is no TOML: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
  }
}

function written(value: SettingValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'boolean') return String(value);
  const pairs = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)} = ${written(one)}`);
  return `{ ${pairs.join(', ')} }`;
}

/** Where the first table begins: keys of the top level stand before. */
function firstTable(lines: readonly string[]): number {
  const index = lines.findIndex((line, at) => isHeader(lines, line, at));
  return index === -1 ? lines.length : index;
}

/** A line within a text of several lines is none. */
function isHeader(lines: readonly string[], line: string, at: number): boolean {
  if (!/^\s*\[/.test(line)) return false;
  const before = lines.slice(0, at).join('\n');
  for (const quotes of ['"""', "'''"]) if (before.split(quotes).length % 2 === 0) return false;
  return /^\s*\[\[?[^\]]+\]\]?\s*(#.*)?$/.test(line);
}

function keySpan(lines: readonly string[], key: string): Span | null {
  const wanted = new RegExp(`^\\s*(?:${key}|"${key}"|'${key}')\\s*=`);
  const from = lines.slice(0, firstTable(lines)).findIndex((line) => wanted.test(line));
  return from === -1 ? null : { from, to: from + 1 };
}

function tableSpan(lines: readonly string[], path: readonly string[]): Span | null {
  const header = path.map((key) => `(?:${key}|"${key}"|'${key}')`).join('\\s*\\.\\s*');
  const wanted = new RegExp(`^\\s*\\[\\s*${header}\\s*(?:\\.[^\\]]*)?\\]`);
  const from = lines.findIndex((line, index) => wanted.test(line) && isHeader(lines, line, index));
  if (from === -1) return null;
  const next = lines.findIndex(
    (line, index) => index > from && isHeader(lines, line, index) && !wanted.test(line),
  );
  return { from, to: next === -1 ? lines.length : next };
}

const spanOf = (lines: readonly string[], path: readonly string[]): Span | null =>
  path.length === 1 ? keySpan(lines, path[0]!) : tableSpan(lines, path);

function linesOf({ path, value }: Setting): string[] {
  if (typeof value !== 'object' || path.length === 1) return [`${path.at(-1)} = ${written(value)}`];
  return [
    `[${path.join('.')}]`,
    ...Object.entries(value).map(([key, one]) => `${key} = ${written(one)}`),
    '',
  ];
}

export const tomlFormat: FileFormat = {
  apply(text, settings) {
    const wanted = valueIn(text);
    const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    for (const setting of settings) {
      const span = spanOf(lines, setting.path);
      const ours = linesOf(setting);
      if (span !== null) lines.splice(span.from, span.to - span.from, ...ours);
      else if (setting.path.length === 1) lines.unshift(...ours);
      else lines.push(...(lines.length > 0 && lines.at(-1) !== '' ? [''] : []), ...ours);
      put(wanted, setting);
    }
    return checked(`${lines.join('\n').replace(/\n+$/, '')}\n`, wanted);
  },
  revert(text, settings, before) {
    const lines = text.split('\n');
    const was = before.split('\n');
    const wanted = valueIn(text);
    for (const setting of settings) {
      const { path } = setting;
      const span = spanOf(lines, path);
      if (span === null || !same(at(valueIn(lines.join('\n')), path), setting.value)) continue;
      const old = spanOf(was, path);
      lines.splice(span.from, span.to - span.from, ...(old === null ? [] : was.slice(old.from, old.to)));
      put(wanted, { path, value: at(valueIn(before), path) });
    }
    return checked(lines.join('\n'), wanted);
  },
  read: (text, path) => at(valueIn(text), path),
};

/** Writes into `target`; undefined takes it away, and tables that held nothing else. */
function put(
  target: Record<string, unknown>,
  { path, value }: { path: readonly string[]; value: unknown },
): void {
  const [key, ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete target[key!];
    else target[key!] = value;
    return;
  }
  const inner = target[key!] ?? {};
  if (typeof inner !== 'object' || inner === null) throw new BadFile(`${key} is no table`);
  // An object, as was just asked.
  put(inner as Record<string, unknown>, { path: rest, value });
  if (Object.keys(inner).length === 0) delete target[key!];
  else target[key!] = inner;
}

function checked(text: string, wanted: unknown): string {
  if (!same(valueIn(text), wanted)) throw new BadFile('it is written in a way that cannot be edited safely');
  return text;
}
