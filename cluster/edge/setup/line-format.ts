// Files of one name and one text a line: `NAME=value`, as Gemini CLI reads ~/.gemini/.env, and `name: value`, which is all that we
// write into aider's YAML. Any other line stays as it is.
import { type FileFormat, same } from './setting.ts';

interface LineKind {
  /** Its first group is the name. */
  readonly name: RegExp;
  line(name: string, value: string): string;
}

function createLineFormat({ name: pattern, line: written }: LineKind): FileFormat {
  const nameOf = (line: string): string | undefined => pattern.exec(line)?.[1];
  const valueIn = (line: string): string => {
    const text = line.slice(pattern.exec(line)?.[0].length ?? 0).trim();
    return /^"(.*)"$/.exec(text)?.[1] ?? /^'(.*)'$/.exec(text)?.[1] ?? text;
  };
  /** The last line of a name counts. */
  const lineOf = (lines: readonly string[], name: string): number =>
    lines.findLastIndex((line) => nameOf(line) === name);
  return {
    apply(text, settings) {
      const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
      for (const { path, value } of settings) {
        const line = written(path[0]!, String(value));
        const index = lineOf(lines, path[0]!);
        if (index === -1) lines.push(line);
        else lines[index] = line;
      }
      return `${lines.join('\n')}\n`;
    },
    revert(text, settings, before) {
      const lines = text.split('\n');
      const was = before.split('\n');
      for (const { path, value } of settings) {
        const index = lineOf(lines, path[0]!);
        if (index === -1 || !same(valueIn(lines[index]!), String(value))) continue;
        const old = lineOf(was, path[0]!);
        if (old === -1) lines.splice(index, 1);
        else lines[index] = was[old]!;
      }
      return lines.join('\n');
    },
    read(text, path) {
      const lines = text.split('\n');
      const index = lineOf(lines, path[0] ?? '');
      return index === -1 ? undefined : valueIn(lines[index]!);
    },
  };
}

export const envFormat: FileFormat = createLineFormat({
  name: /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/,
  line: (name, value) => `${name}=${value}`,
});

/** Texts of the top level of a YAML file. */
export const colonFormat: FileFormat = createLineFormat({
  name: /^([A-Za-z][\w-]*)\s*:(?=\s|$)/,
  line: (name, value) => `${name}: ${JSON.stringify(value)}`,
});
