// One question to a token server: bounded in size and time, no redirects, and a fault that names no secret.
import { parseObject } from '../dialects/lenient.ts';
import { stringAt } from '../dialects/lenient.ts';
import type { JsonObject } from '../contracts/json.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_REASON = 200;
const DOUBTED_MS = 300_000;

/** Why there is no credential. Its message is for the log and holds no secret. */
export class CredentialFault extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CredentialFault';
  }
}

/** What sources need of the process. */
export interface ObtainContext {
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** ms since 1970. */
  wall(): number;
}

export interface TokenRequest {
  url: string;
  headers?: Record<string, string>;
  /** Of a request without a body; GET where it is absent. */
  method?: 'PUT';
  /** A form is posted; JSON too, as an object under `json`; with neither it is a GET. */
  form?: Record<string, string>;
  json?: object;
}

/** @throws CredentialFault */
export async function askForToken(
  { url, headers = {}, form, json }: TokenRequest,
  { signal }: ObtainContext,
): Promise<JsonObject> {
  const text = await askForText({ url, headers, ...(form && { form }), ...(json && { json }) }, signal);
  const body = parseObject(text);
  if (body === null) throw new CredentialFault(`${placeOf(url)} did not answer with a JSON object`);
  return body;
}

/** @throws CredentialFault */
export async function askForText(
  { url, method, headers = {}, form, json }: TokenRequest,
  signal: AbortSignal,
): Promise<string> {
  const init: RequestInit = {
    headers: { accept: 'application/json', ...headers },
    redirect: 'error',
    signal,
    ...(method && { method }),
  };
  if (form !== undefined) Object.assign(init, { method: 'POST', body: new URLSearchParams(form) });
  if (json !== undefined) {
    Object.assign(init, { method: 'POST', body: JSON.stringify(json) });
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  }
  let status: number;
  let text: string;
  try {
    // biome-ignore lint/style/noRestrictedGlobals: a token server is no upstream: no call waits for it, and the primary has no lanes
    const answer = await fetch(url, init);
    status = answer.status;
    text = await limited(answer);
  } catch (cause) {
    if (cause instanceof CredentialFault) throw cause;
    throw new CredentialFault(
      `${placeOf(url)} ${signal.aborted ? 'did not answer in time' : 'could not be reached'}`,
      cause,
    );
  }
  if (status !== 200)
    throw new CredentialFault(`${placeOf(url)} refused with status ${status}${reasonOf(text)}`);
  return text;
}

/** When a token ends that lives for so many seconds. @throws CredentialFault when it has ended already, or says nothing. */
export function endOf(lifeSeconds: unknown, nowMs: number): number {
  const seconds = typeof lifeSeconds === 'string' ? Number(lifeSeconds) : lifeSeconds;
  if (typeof seconds !== 'number' || !(seconds > 0))
    throw new CredentialFault('the token has expired already');
  return nowMs + seconds * 1000;
}

/**
 * When a token ends whose source names the moment itself, by its own clock. One that is over as it comes was given to a machine whose
 * clock is ahead: it is used for a while, and the provider says whether it is good.
 * @param endMs ms since 1970. @throws CredentialFault where it is none.
 */
export function endAt(endMs: number, nowMs: number): number {
  if (Number.isNaN(endMs)) throw new CredentialFault('the answer does not say when the token ends');
  return endMs > nowMs ? endMs : nowMs + DOUBTED_MS;
}

/** @throws CredentialFault when there is no such text. */
export function textOf(body: JsonObject, name: string): string {
  const text = stringAt(body, name);
  if (text === null || text === '') throw new CredentialFault(`the answer has no \`${name}\``);
  return text;
}

async function limited(answer: Response): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw new CredentialFault('the answer of the token server is too large');
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** OAuth's own word for it alone: descriptions may repeat what was sent. */
function reasonOf(text: string): string {
  const error = parseObject(text)?.error;
  return typeof error === 'string' && /^[\w.-]+$/.test(error) ? ` (${error.slice(0, MAX_REASON)})` : '';
}

/** Without path and query, which may hold secrets. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the token server';
}
