// The film that another one is made of: a body says it, where a path does not (`/v1/videos/edits`, `/extensions`).
import { boundaryOf } from '../body/form.ts';
import { formField } from '../body/form-field.ts';
import type { Call } from '../contracts/call.ts';
import { objectsInBody } from '../names/object-names.ts';

/** Of a form, as SDKs write `video: { id }`. */
const FIELD = 'video[id]';

/** @returns its id; null = none is named, or the body is on its way still: what is that long is a film itself. */
export function filmNamed({ body, head, operation }: Call): string | null {
  if (operation!.name !== 'video-object' || head.method !== 'POST' || body === null) return null;
  const boundary = boundaryOf(head.headers.get('content-type'));
  if (boundary === null) return objectsInBody(body, 'request')[0] ?? null;
  return formField(body, boundary, FIELD);
}
