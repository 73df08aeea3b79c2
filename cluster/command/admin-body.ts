// A body as people write it: YAML or JSON.
import { parseConfig } from '../../src/config/file.ts';

/** @param text undefined = nothing was said. @throws Error in words for people */
export function bodyText(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const { value } = parseConfig(text, 'body');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('the body must be a mapping, in YAML or JSON');
  return value as Record<string, unknown>; // checked above
}
