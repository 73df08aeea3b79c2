// One pass over a request body: validates it and notes the few members the gateway reads, with their bytes' places.
// Runs once for every request with a body; called by pipeline/identify inline and by workers/tasks for large bodies.
import { isUtf8 } from 'node:buffer';
import type { BodyFacts, MemberSpan } from '../contracts/body.ts';
import { GatewayError } from '../contracts/errors.ts';
import { JsonScanner } from './json-scanner.ts';
import { findKnownKey, type KnownKey } from './known-keys.ts';
import { DISGUISED, FILE, TOOL_RESULT } from './noted-keys.ts';
import {
  readBoolean,
  readCount,
  readKey,
  readString,
  readStrings,
  readText,
  refuse,
} from './typed-values.ts';

/**
 * Validates a body and reads its facts.
 *
 * @throws GatewayError GW_CLIENT_BAD_JSON (with the byte's position) when it is not UTF-8 JSON within the caps;
 *   GW_CLIENT_BAD_REQUEST (with `param`) when a member we read is doubled or has the wrong type.
 */
export function inspectBody(body: Buffer): BodyFacts {
  if (!isUtf8(body)) {
    throw new GatewayError('GW_CLIENT_BAD_JSON', { message: 'The request body is not valid UTF-8.' });
  }
  const scanner = new JsonScanner(body);
  if (scanner.next() !== 0x7b) {
    scanner.value(0);
    if (scanner.next() !== -1) scanner.fail();
    throw new GatewayError('GW_CLIENT_BAD_REQUEST', { message: 'The request body must be a JSON object.' });
  }
  scanner.at++;
  const facts: BodyFacts = {
    model: null,
    modelMember: null,
    stream: false,
    includeUsage: false,
    streamOptionsMember: null,
    streamOptions: 'absent',
    includeUsageValue: null,
    fallbacks: null,
    fallbacksMember: null,
    foreignFallbacks: null,
    maxTokens: null,
    members: [],
    insertAt: scanner.at,
    empty: false,
    exoticNumbers: false,
    promptBytes: 0,
    hasTools: false,
    hasToolResults: false,
    namesFiles: false,
    endUser: null,
    conversation: null,
    store: false,
  };
  if (scanner.next() === 0x7d) {
    scanner.at++;
    facts.empty = true;
  } else {
    readMembers(scanner, body, facts);
  }
  if (scanner.next() !== -1) scanner.fail();
  facts.exoticNumbers = scanner.exotic;
  facts.hasToolResults = (scanner.noted & TOOL_RESULT) !== 0;
  facts.namesFiles = (scanner.noted & (FILE | DISGUISED)) !== 0;
  return facts;
}

function readMembers(scanner: JsonScanner, body: Buffer, facts: BodyFacts): void {
  let seen = 0;
  let commaAt = -1;
  for (;;) {
    const keyAt = scanner.at;
    scanner.key();
    const valueAt = scanner.at;
    facts.members.push(keyAt, scanner.keyEnd, valueAt);
    const known = findKnownKey(body, keyAt, scanner.keyEnd, scanner.escaped);
    let member: MemberSpan | null = null;
    if (known === null) {
      scanner.value(1);
    } else {
      if ((seen & known.bit) !== 0) refuse(known.name, `The member "${known.name}" appears twice.`);
      seen |= known.bit;
      member = {
        key: { start: keyAt, end: scanner.keyEnd },
        value: { start: scanner.at, end: 0 },
        // The comma before the member goes with it; the first member takes the one behind it instead.
        cut: { start: commaAt < 0 ? keyAt : commaAt, end: 0 },
      };
      readFact(known.name, member, scanner, body, facts);
      member.value.end = scanner.at;
      member.cut.end = scanner.at;
    }
    facts.members.push(scanner.at);
    const byte = scanner.next();
    if (byte !== 0x2c && byte !== 0x7d) scanner.fail();
    const first = commaAt < 0;
    commaAt = scanner.at++;
    if (byte === 0x7d) return;
    scanner.next();
    if (first && member !== null) member.cut.end = scanner.at;
  }
}

function readFact(
  name: KnownKey['name'],
  member: MemberSpan,
  scanner: JsonScanner,
  body: Buffer,
  facts: BodyFacts,
): void {
  switch (name) {
    case 'model':
      facts.model = readString(scanner, body, name);
      facts.modelMember = member;
      break;
    case 'stream':
      facts.stream = readBoolean(scanner, name);
      break;
    case 'stream_options':
      facts.streamOptionsMember = member;
      readStreamOptions(scanner, body, facts);
      break;
    case 'fallbacks': {
      const read = readStrings(scanner, body, name);
      if (read === null || Array.isArray(read)) {
        facts.fallbacks = read;
        facts.fallbacksMember = member;
      } else facts.foreignFallbacks = read;
      break;
    }
    case 'max_completion_tokens':
      facts.maxTokens = readCount(scanner, body, name) ?? facts.maxTokens;
      break;
    case 'max_tokens':
    case 'max_output_tokens': {
      const count = readCount(scanner, body, name);
      facts.maxTokens ??= count;
      break;
    }
    case 'user':
      facts.endUser = readText(scanner, body, 1) ?? facts.endUser;
      break;
    case 'safety_identifier':
    case 'metadata': {
      const found = name === 'metadata' ? readUserWithin(scanner, body) : readText(scanner, body, 1);
      facts.endUser ??= found;
      break;
    }
    case 'store':
      facts.store = scanner.peek() === 0x74;
      scanner.value(1);
      break;
    case 'generationConfig':
    case 'generation_config':
    case 'inferenceConfig':
      readLimitWithin(scanner, body, facts);
      break;
    case 'messages':
    case 'system':
    case 'tools':
    case 'input':
    case 'instructions':
    case 'contents':
    case 'systemInstruction':
    case 'system_instruction':
    case 'toolConfig': {
      const start = scanner.at;
      scanner.value(1);
      facts.promptBytes += scanner.at - start;
      if (name === 'messages') facts.conversation = name;
      else if (name === 'input') facts.conversation ??= name;
      else if (name === 'tools') facts.hasTools = isFilledArray(body, start);
      else if (name === 'toolConfig') facts.hasTools ||= body[start] === 0x7b;
    }
  }
}

function readStreamOptions(scanner: JsonScanner, body: Buffer, facts: BodyFacts): void {
  const first = scanner.peek();
  if (first !== 0x7b) {
    scanner.value(1);
    if (first !== 0x6e) refuse('stream_options', 'stream_options must be an object.');
    facts.streamOptions = 'null';
    return;
  }
  facts.streamOptions = 'empty';
  scanner.members(2, (keyAt) => {
    facts.streamOptions = 'filled';
    if (readKey(scanner, body, keyAt) !== 'include_usage') {
      scanner.value(2);
      return;
    }
    const param = 'stream_options.include_usage';
    if (facts.includeUsageValue !== null) refuse(param, 'The member "include_usage" appears twice.');
    const start = scanner.at;
    facts.includeUsage = readBoolean(scanner, param);
    facts.includeUsageValue = { start, end: scanner.at };
  });
}

// Gemini's and Bedrock's settings. What is wrong with them their own decoders and upstreams say.
function readLimitWithin(scanner: JsonScanner, body: Buffer, facts: BodyFacts): void {
  if (scanner.peek() !== 0x7b) {
    scanner.value(1);
    return;
  }
  scanner.members(2, (keyAt) => {
    const key = readKey(scanner, body, keyAt);
    const start = scanner.at;
    scanner.value(2);
    if (key !== 'maxOutputTokens' && key !== 'max_output_tokens' && key !== 'maxTokens') return;
    const tokens = Number(body.toString('latin1', start, scanner.at));
    if (Number.isSafeInteger(tokens) && tokens >= 0) facts.maxTokens ??= tokens;
  });
}

// Anthropic's place for an end user. OpenAI's metadata is the caller's own, and may hold the same.
function readUserWithin(scanner: JsonScanner, body: Buffer): string | null {
  let user: string | null = null;
  if (scanner.peek() !== 0x7b) scanner.value(1);
  else
    scanner.members(2, (keyAt) => {
      if (readKey(scanner, body, keyAt) !== 'user_id') scanner.value(2);
      // Of two the first: a second one could make the vendor's end user another one than ours.
      else user ??= readText(scanner, body, 2);
    });
  return user;
}

// The value at `start` is valid JSON.
function isFilledArray(body: Buffer, start: number): boolean {
  if (body[start] !== 0x5b) return false;
  let at = start + 1;
  while (body[at]! <= 0x20) at++;
  return body[at] !== 0x5d;
}
