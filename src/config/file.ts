// Reads a YAML 1.2 or JSON file into plain values and remembers where each stood. JSON is read as the YAML it is.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { Document, Node } from 'yaml';
import { type Path, pathKey } from './path.ts';
import { ConfigError } from './problem.ts';

/** A file as read, before any reference in it is followed. */
export interface ConfigFile {
  value: unknown;
  /** Offset of a value, of its key, or of the nearest thing above it that the file has. */
  find(path: Path, atKey?: boolean): number;
  /** An offset as `name:line:column`. */
  at(offset: number): string;
  /** Where keys stand whose mapping has them once more behind; of our own files there are none. */
  twice: readonly number[];
}

/** How a file is read. */
export interface ReadAs {
  /** Of a key that stands twice the last counts, as other programs' readers have it; else that is a fault. */
  lastKey?: boolean;
}

const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Values after aliases are written out: an alias of aliases must not grow without bound. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 64;

/** What is wrong, by the parser's code: its own messages may repeat text of the file. */
const SYNTAX: Record<string, string> = {
  DUPLICATE_KEY: 'this key stands twice in the same mapping',
  TAB_AS_INDENT: 'tabs cannot indent; use spaces',
  MULTIPLE_DOCS: 'only one document is allowed in the file',
  MISSING_CHAR: 'a quote, comma, colon or bracket is missing here',
  BAD_INDENT: 'the indentation does not fit, or a bracket is not closed',
  BLOCK_AS_IMPLICIT_KEY: 'a second `key:` on one line; put it on its own line or quote the value',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  NON_STRING_KEY: 'a key must be plain text',
  TAG_RESOLVE_FAILED: 'tags are not supported',
  BAD_DIRECTIVE: 'directives are not supported',
};

/**
 * Reads and parses `path`.
 * @param shown the file's name in messages
 * @throws ConfigError when it cannot be read or is not YAML or JSON
 */
export function readConfigFile(path: string, shown: string, as: ReadAs = {}): ConfigFile {
  let text: string;
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES)
      throw new ConfigError([`${shown}: larger than ${MAX_FILE_BYTES} bytes`]);
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${shown}: ${readFailure(error)}`]);
  }
  return parseConfig(text, shown, as);
}

/** The text of a file as values with positions. @throws ConfigError listing every syntax error. */
export function parseConfig(text: string, shown: string, { lastKey = false }: ReadAs = {}): ConfigFile {
  const { LineCounter, parseDocument } = loadYaml();
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${shown}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // 'silent' would also keep quiet about a second document.
    logLevel: 'error',
    stringKeys: true,
    uniqueKeys: !lastKey,
    version: '1.2',
  });
  // Warnings are about tags and directives, which have no place here.
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new ConfigError(
      faults.map((error) => `${at(error.pos[0])}: ${SYNTAX[error.code] ?? 'this is not valid YAML'}`),
    );
  }
  if (document.directives?.yaml.version !== '1.2') {
    throw new ConfigError([`${at(0)}: the file must be YAML 1.2 (without a %YAML directive)`]);
  }
  return convert(document, at);
}

function convert(document: Document.Parsed, at: (offset: number) => string): ConfigFile {
  const values = new Map<string, number>();
  const keys = new Map<string, number>();
  const open = new Set<Node>();
  const twice: number[] = [];
  let count = 0;
  const fail = (node: Node | null | undefined, message: string): never => {
    throw new ConfigError([`${at(node?.range?.[0] ?? 0)}: ${message}`]);
  };

  const { isAlias, isMap, isScalar, isSeq } = loadYaml();
  const plainOf = (node: Node | null | undefined, path: Path): unknown => {
    if (node === null || node === undefined) return null;
    if (++count > MAX_VALUES) fail(node, 'too many values (aliases that multiply?)');
    if (path.length > MAX_DEPTH) fail(node, 'nested too deeply');
    if (node.range && !values.has(pathKey(path))) values.set(pathKey(path), node.range[0]);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) return fail(node, 'this alias names no anchor above it');
      if (open.has(target)) return fail(node, 'this alias contains itself');
      return plainOf(target, path);
    }
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
      fail(node, 'tags are not supported');
    if (isScalar(node)) return plainScalar(node.value) ? node.value : fail(node, 'tags are not supported');
    open.add(node);
    let made: unknown;
    if (isSeq(node)) {
      made = node.items.map((item, index) => plainOf(item as Node, [...path, index]));
    } else if (isMap(node)) {
      const object: Record<string, unknown> = {};
      const merges: (Node | null)[] = [];
      for (const pair of node.items) {
        const key = pair.key as Node;
        if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
          merges.push(pair.value as Node | null);
          continue;
        }
        const name = isAlias(key)
          ? fail(key, 'a key must be plain text')
          : String(isScalar(key) ? key.value : '');
        const below = [...path, name];
        if (Object.hasOwn(object, name)) twice.push(keys.get(pathKey(below)) ?? 0);
        if (key.range && !keys.has(pathKey(below))) keys.set(pathKey(below), key.range[0]);
        define(object, name, plainOf(pair.value as Node | null, below));
      }
      // Last, whatever the order in the file: what is stated wins, of several mappings the first.
      for (const merge of merges) mergeInto(object, merge, path);
      made = object;
    }
    open.delete(node);
    return made;
  };

  /** YAML 1.1's `<<`, which 1.2 has not but people who template have. */
  function mergeInto(object: Record<string, unknown>, node: Node | null, path: Path): void {
    const target = isAlias(node) ? (node.resolve(document) ?? null) : node;
    // A template that had nothing to put there.
    if (target === null ? !isAlias(node) : isScalar(target) && target.value === null) return;
    if (target !== null && open.has(target)) fail(node, 'this alias contains itself');
    if (isSeq(target)) {
      for (const item of target.items) mergeInto(object, item as Node | null, path);
      return;
    }
    if (target !== null && !isMap(target)) fail(node, '`<<` takes a mapping or a list of mappings');
    const merged = plainOf(node, path) as Record<string, unknown>; // it is a mapping, or plainOf has failed
    for (const [name, value] of Object.entries(merged))
      if (!Object.hasOwn(object, name)) define(object, name, value);
  }

  const value = plainOf(document.contents, []);
  return {
    value,
    at,
    twice,
    find(path, atKey = false) {
      if (atKey) {
        const offset = keys.get(pathKey(path));
        if (offset !== undefined) return offset;
      }
      for (let length = path.length; length > 0; length--) {
        const above = pathKey(path.slice(0, length));
        const offset = values.get(above) ?? keys.get(above);
        if (offset !== undefined) return offset;
      }
      return 0;
    },
  };
}

/** A key named __proto__ is data here, and an unknown key to the check. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function plainScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Why a file could not be read, without repeating its path or content. */
export function readFailure(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  if (code === 'EISDIR') return 'it is a folder, not a file';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not UTF-8 text';
  return `it cannot be read (${code ?? 'unknown reason'})`;
}

/** Loaded when a file is read: most starts have none, and it takes a fifth of the time before the workers are forked. */
/** A value as YAML, as a person would write a file. */
export function writeYaml(value: unknown): string {
  return loadYaml().stringify(value, { lineWidth: 0 });
}

function loadYaml(): typeof Yaml {
  return createRequire(import.meta.url)('yaml') as typeof Yaml;
}
