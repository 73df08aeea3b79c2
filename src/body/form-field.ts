// One field of a form that is here whole.
import { FormReader } from './form.ts';

/** Null: it has no such field, or cannot be read: its provider says what is wrong with it. */
export function formField(body: Buffer, boundary: string, name: string): string | null {
  const form = new FormReader(boundary, [name]);
  try {
    form.push(body);
    form.end();
  } catch {
    return null;
  }
  return form.field(name)?.value ?? null;
}
