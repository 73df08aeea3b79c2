// One source file as a function of what it imports: what it imports and exports, and JavaScript without types and comments between. Node's own
// transformer prints the statements, one a line and always in the same way; what is none of the forms below is an error of the build.
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';

export interface SmallModule {
  /** Path from the root, `.js`. */
  readonly id: string;
  /** Ids of our own modules that must have run before. */
  readonly imports: readonly string[];
  /** Ids that are loaded when they are asked for. */
  readonly later: readonly string[];
  /** `($) => { … return exports }` */
  readonly text: string;
}

const FROM = /^import (.+) from (['"])(.+)\2;$/;
const BARE = /^import (['"])(.+)\1;$/;
const PASSED = /^export \{(.*)\} from (['"])(.+)\2;$/;
const LISTED = /^export \{(.*)\};$/;
const DECLARED = /^export ((?:async )?function\*?|class|const) ([\w$]+)/;
/** `export const [A, B] = …` */
const SEVERAL = /^export const [[{]\s*([\w$]+(?:, [\w$]+)*)\s*[\]}] =/;
const DEFAULT = /^export default ([\w$]+);$/;
const LATER = /\bimport\(\s*(['"])(\.{1,2}\/[^'"]+)\.ts\1\s*\)/g;
/** A line whose templates, if any, are whole. */
const WHOLE_TEMPLATES = /`(?:[^`\\$]|\\.|\$(?!\{)|\$\{[^`{}]*\})*`/g;

/**
 * @param key how a module is called in the bundle: a literal; its id by default
 * @throws Error for a statement that it does not know.
 */
export function smallModule(
  id: string,
  source: string,
  key = (of: string): string => JSON.stringify(of),
): SmallModule {
  const printed = stripTypeScriptTypes(source, { mode: 'transform', sourceMap: false });
  const imports: string[] = [];
  const later: string[] = [];
  const exported: string[] = [];
  const own = (target: string): string => {
    const found = path.posix.join(path.posix.dirname(id), target).replace(/\.ts$/, '.js');
    imports.push(found);
    return found;
  };
  const lines = printed.split('\n').map((line) => {
    if (!/^(?:import|export)\b(?!\()/.test(line)) return line;
    const from = FROM.exec(line);
    if (from !== null) return bound(from[1]!, from[3]!, (target) => key(own(target)));
    const bare = BARE.exec(line);
    if (bare !== null) return `$(${key(own(bare[2]!))});`;
    const passed = PASSED.exec(line);
    if (passed !== null) {
      const place = key(own(passed[3]!));
      for (const [inner, outer] of names(passed[1]!)) exported.push(`${outer}: $(${place}).${inner}`);
      return `$(${place});`;
    }
    const listed = LISTED.exec(line);
    if (listed !== null) {
      for (const [inner, outer] of names(listed[1]!)) exported.push(`${outer}: ${inner}`);
      return '';
    }
    const declared = DECLARED.exec(line);
    if (declared !== null) {
      exported.push(declared[2]!);
      return line.slice('export '.length);
    }
    const several = SEVERAL.exec(line);
    if (several !== null) {
      exported.push(...several[1]!.split(', '));
      return line.slice('export '.length);
    }
    const main = DEFAULT.exec(line);
    if (main !== null) {
      exported.push(`default: ${main[1]}`);
      return '';
    }
    throw new Error(`${id}: cannot be bundled: ${line.slice(0, 100)}`);
  });
  const text = joined(lines)
    .replace(LATER, (_all, _quote, target: string) => {
      const found = path.posix.join(path.posix.dirname(id), `${target}.js`);
      later.push(found);
      return `$.later(${key(found)})`;
    })
    .replace(/\bimport\.meta\.(url|dirname|filename)\b/g, `$.meta(${JSON.stringify(id)}).$1`);
  if (/\bimport\.meta\b/.test(text)) throw new Error(`${id}: an unknown member of import.meta`);
  if (/[\u0100-\uffff]/.test(text) && text.includes('String.raw'))
    throw new Error(`${id}: String.raw and more than Latin-1`);
  return {
    id,
    imports,
    later,
    text: `($) => {\n${latin(text)}\nreturn { ${exported.join(', ')} };\n}`,
  };
}

/** Statements that bind what is imported. @param own the key of a module of ours */
function bound(what: string, from: string, own: (target: string) => string): string {
  const [, main, space, list] = /^(?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+))?(?:\{(.*)\})?$/.exec(what) ?? [];
  const node = from.startsWith('node:');
  const place = from.startsWith('.')
    ? `$(${own(from)})`
    : // Modules of Node are theirs, and no copy of their exports; packages are found from here.
      `${node ? 'process.getBuiltinModule' : 'require'}(${JSON.stringify(from)})`;
  const parts: string[] = [];
  if (main !== undefined) parts.push(`const ${main} = ${place}${node ? '' : '.default'};`);
  if (space !== undefined) parts.push(`const ${space} = ${place};`);
  if (list !== undefined) {
    const pairs = names(list).map(([inner, outer]) => (inner === outer ? inner : `${inner}: ${outer}`));
    parts.push(`const { ${pairs.join(', ')} } = ${place};`);
  }
  return parts.join(' ');
}

/** `a, b as c` → [a, a], [b, c]. */
function names(list: string): [inner: string, outer: string][] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      const [inner, outer = inner] = name.split(' as ');
      return [inner!, outer!];
    });
}

/** On one line, since V8 keeps where each begins; as it is where a template goes over several. Every statement ends in `;` or `}`. */
function joined(lines: readonly string[]): string {
  if (lines.some((line) => line.replace(WHOLE_TEMPLATES, '').includes('`'))) return lines.join('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/** One character beyond Latin-1 makes V8 keep the whole text with two bytes each. */
function latin(text: string): string {
  return text.replace(/[\u0100-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
