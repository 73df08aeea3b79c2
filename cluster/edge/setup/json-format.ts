// JSON with comments, as Claude Code, Gemini CLI, OpenCode and Crush keep it. Edited in place: comments and layout stay.
import { applyEdits, findNodeAtLocation, modify, type ParseError, parse, parseTree } from 'jsonc-parser';
import { at, BadFile, type FileFormat, type Setting, same } from './setting.ts';

const LOOSE = { allowTrailingComma: true, allowEmptyContent: true };

function valueIn(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, LOOSE);
  if (errors.length > 0) throw new BadFile(`it is no JSON at character ${errors[0]!.offset}`);
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value)))
    throw new BadFile('it is no object');
  return value;
}

function changed(text: string, path: readonly string[], value: unknown): string {
  const tabs = /^\t/m.test(text);
  const formattingOptions = {
    insertSpaces: !tabs,
    tabSize: /^( +)\S/m.exec(text)?.[1]?.length ?? 2,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  return applyEdits(text, modify(text, [...path], value, { formattingOptions }));
}

/** Objects that held nothing but ours go with it, unless they were there before. */
function withoutEmpty(text: string, path: readonly string[], before: unknown): string {
  let here = text;
  for (let depth = path.length - 1; depth > 0; depth--) {
    const parent = path.slice(0, depth);
    const node = findNodeAtLocation(parseTree(here, [], LOOSE)!, [...parent]);
    if (node?.type !== 'object' || (node.children?.length ?? 0) > 0 || at(before, parent) !== undefined)
      return here;
    here = changed(here, parent, undefined);
  }
  return here;
}

export const jsonFormat: FileFormat = {
  apply(text, settings) {
    valueIn(text);
    let here = text.trim() === '' ? '{}\n' : text;
    for (const { path, value } of settings) here = changed(here, path, value);
    return here;
  },
  revert(text, settings: readonly Setting[], before) {
    const was = valueIn(before);
    let here = text;
    for (const { path, value } of settings) {
      if (!same(at(valueIn(here), path), value)) continue;
      here = changed(here, path, at(was, path));
      here = withoutEmpty(here, path, was);
    }
    return here;
  },
  read: (text, path) => at(valueIn(text), path),
};
