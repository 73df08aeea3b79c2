// Containers, and files in them, that answers of models say were made for them: code runs in them at the provider, and their client
// fetches files out of them. Pure.

/** Responses: `"container_id":"cntr_…"`, of a call or a citation. */
const BY_ID = /"container_id"\s*:\s*"([\w-]+)"/g;
/** Messages: `"container":{"id":"container_…","expires_at":…}`. */
const WHOLE = /"container"\s*:\s*\{[^{}]*?"id"\s*:\s*"([\w-]+)"/g;
/** Messages: `{"type":"bash_code_execution_output","file_id":"file_…"}`. */
const FILE = /"type"\s*:\s*"\w*code_execution_output"\s*,\s*"file_id"\s*:\s*"([\w-]+)"/g;
const FILE_FIRST = /"file_id"\s*:\s*"([\w-]+)"\s*,\s*"type"\s*:\s*"\w*code_execution_output"/g;

/** Longest text that one of them spans. */
export const MADE_SPAN = 512;

/** Cheaply: whether `madeInAnswer` might find something. */
export function mayTellOfMade(answer: Buffer | string): boolean {
  return answer.includes('"container') || answer.includes('code_execution_output"');
}

/** Ids in an answer, or in a piece of one. A text that a model wrote has its quotes escaped, and so is none of it. */
export function madeInAnswer(text: string): string[] {
  return [BY_ID, WHOLE, FILE, FILE_FIRST].flatMap((form) => [...text.matchAll(form)].map(([, id]) => id!));
}
