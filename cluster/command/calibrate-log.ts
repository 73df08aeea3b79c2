// Questions and answers out of the log of a running gateway, for `headgate cache calibrate --log`: of calls whose bodies were kept.
import type { Answered } from '../../src/cache/semantic/answered.ts';
import { questionIn } from '../../src/cache/semantic/question.ts';
import type { ChatAnswer } from '../../src/contracts/chat.ts';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import type { JsonObject } from '../../src/contracts/json.ts';
import type { KeptBody, LoggedRow, LogPage } from '../../src/contracts/log-store.ts';
import { parseAnswer } from '../../src/dialects/answer-json.ts';
import { gatherStream } from '../../src/pipeline/answer/gather-stream.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { type AdminTarget, callAdmin } from './admin-client.ts';

export interface LogWish {
  /** As `since` of `/api/logs`: `7d`. */
  since: string;
  /** Questions at most. */
  limit: number;
}

const PAGE = 200;
/** Calls that are looked through for each question that is wanted. */
const MOST_CALLS = 20;
/** They have no part in what is asked. */
const NO_PART = new Set(['messages', 'input', 'contents', 'stream', 'stream_options', 'user', 'metadata']);

/** @returns single questions with their answers, newest first. @throws AdminCallError */
export async function answeredIn(target: AdminTarget, { since, limit }: LogWish): Promise<Answered[]> {
  const answered: Answered[] = [];
  let seen = 0;
  for (let cursor: string | null = null; ; ) {
    const query = new URLSearchParams({
      operation: 'chat',
      outcome: 'ok',
      since,
      facets: 'false',
      limit: String(PAGE),
    });
    if (cursor !== null) query.set('cursor', cursor);
    const page = (await callAdmin(target, 'GET', `/api/logs?${query}`)) as LogPage; // as the API has it
    for (const row of page.rows) {
      const one = await answeredBy(target, row);
      if (one !== null) answered.push(one);
      if (answered.length >= limit || ++seen >= MOST_CALLS * limit) return answered;
    }
    if (page.next === null) return answered;
    cursor = page.next;
  }
}

async function answeredBy(target: AdminTarget, row: LoggedRow): Promise<Answered | null> {
  const path = `/api/logs/${encodeURIComponent(row.call)}`;
  const { bodies } = (await callAdmin(target, 'GET', path)) as { bodies: KeptBody[] }; // as above
  const whole = (kind: KeptBody['kind']): string | null =>
    bodies.find((body) => body.kind === kind && !body.truncated && body.encoding === 'utf8')?.text ?? null;
  const request = whole('request');
  const answer = whole('answer');
  if (request === null || answer === null) return null;
  try {
    return read(row, request, answer);
  } catch {
    return null; // it was kept in part, or with something taken out
  }
}

/** @returns null where it is no question by itself. @throws what a codec does */
function read(row: LoggedRow, request: string, answer: string): Answered | null {
  const { chat } = dialectByName(row.dialect as DialectName); // the route had it
  const body = JSON.parse(request) as JsonObject; // an object: its call was answered
  const decoded = chat.decodeRequest(body);
  const question = questionIn(decoded, 1);
  if (question === null) return null;
  const bytes = Buffer.from(answer);
  const streamed = chat.framing.kindOf(bytes) === 'events';
  const said = streamed
    ? gatherStream(bytes, chat.framing, chat.createDecoder())
    : chat.decodeAnswer(parseAnswer(bytes, true));
  const text = textOf(said);
  if (text === '') return null;
  const rest = Object.entries(body).filter(([name]) => !NO_PART.has(name));
  const partition = JSON.stringify([row.dialect, row.requestedModel, decoded.system, rest.sort()]);
  return { partition, question, answer: text };
}

function textOf({ parts }: ChatAnswer): string {
  return parts
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('')
    .trim();
}
