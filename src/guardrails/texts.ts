// The texts of a JSON body, whatever its dialect and operation: every string that is not known to be something else, with its
// place in the bytes. What is unknown is looked at: a new field of a vendor's is no way past a guardrail.
import { isUtf8 } from 'node:buffer';
import { JsonScanner } from '../body/json-scanner.ts';
import { KnownWords } from './known-words.ts';

/** Who says a text. `definition`: of tools and formats, which the application wrote. */
export type Speaker = 'user' | 'system' | 'assistant' | 'tool_call' | 'tool_result' | 'definition';

export interface TextSpot {
  /** Bytes of the JSON string, quotes included. */
  start: number;
  end: number;
  text: string;
  speaker: Speaker;
  /** JSON text as a string: what is put into it must be escaped twice. */
  json: boolean;
}

const OBJECT = 0x7b;
const LIST = 0x5b;
const QUOTE = 0x22;

/** Members that hold names, ids, proofs and media, never what somebody says. */
const NO_TEXT: ReadonlySet<string> = new Set([
  'type',
  'role',
  'model',
  'id',
  'object',
  'name',
  'signature',
  'thoughtSignature',
  'thought_signature',
  'encrypted_content',
  'redacted_content',
  'redactedContent',
  'reasoning_details',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'toolUseId',
  'tool_calls_id',
  'item_id',
  'event_id',
  'previous_item_id',
  'response_id',
  'previous_response_id',
  'conversation',
  'container',
  'service_tier',
  'media_type',
  'mediaType',
  'mimeType',
  'mime_type',
  'format',
  'detail',
  'encoding_format',
  'response_mime_type',
  'responseMimeType',
  'system_fingerprint',
  'finish_reason',
  'finishReason',
  'stop_reason',
  'stopReason',
  'b64_json',
  'embedding',
  'file_id',
  'fileId',
  'responseId',
  'modelVersion',
  'tool_choice',
  'cache_control',
  'prompt_cache_key',
  'safety_identifier',
]);
/** Members that say of what is beside them who says it, or what it is. */
const SAYS_WHAT: ReadonlySet<string> = new Set(['role', 'type', 'signature', 'media_type', 'mimeType']);
/** Members with base64, unless what is beside them says that they are text. */
const MEDIA: ReadonlySet<string> = new Set(['data', 'bytes', 'file_data', 'fileData', 'audio', 'inputImage']);
const JSON_TEXT: ReadonlySet<string> = new Set(['arguments', 'partial_json']);

const SPEAKERS: ReadonlyMap<string, Speaker> = new Map([
  ['user', 'user'],
  ['human', 'user'],
  ['system', 'system'],
  ['developer', 'system'],
  ['assistant', 'assistant'],
  ['model', 'assistant'],
  ['CHATBOT', 'assistant'],
  ['USER', 'user'],
  ['SYSTEM', 'system'],
  ['TOOL', 'tool_result'],
  ['tool', 'tool_result'],
  ['function', 'tool_result'],
]);
const BY_TYPE: readonly (readonly [RegExp, Speaker])[] = [
  [/(_call_output|tool_result|_output_item)$/, 'tool_result'],
  [/^(tool_use|server_tool_use|mcp_tool_use|.*_call)$/, 'tool_call'],
];
const BY_KEY: Readonly<Record<string, Speaker>> = {
  system: 'system',
  instructions: 'system',
  systemInstruction: 'system',
  system_instruction: 'system',
  preamble: 'system',
  tools: 'definition',
  functions: 'definition',
  toolConfig: 'definition',
  response_format: 'definition',
  generationConfig: 'definition',
  output_format: 'definition',
  output_config: 'definition',
  tool_calls: 'tool_call',
  function_call: 'tool_call',
  functionCall: 'tool_call',
  toolUse: 'tool_call',
  functionCalls: 'tool_call',
  functionResponse: 'tool_result',
  functionResponses: 'tool_result',
  toolResult: 'tool_result',
  tool_results: 'tool_result',
};
/** A proof stands on the text beside it: a changed one would be refused. */
const PROVEN: ReadonlySet<string> = new Set(['thinking', 'redacted_thinking', 'reasoning']);

/** All keys that say something here; any other one is as good as none. */
const KEYS = new KnownWords([
  ...NO_TEXT,
  ...MEDIA,
  ...JSON_TEXT,
  ...Object.keys(BY_KEY),
  ...['role', 'type', 'signature', 'media_type', 'mimeType', 'reasoningText'],
]);
/** What most roles and types are. */
const WORDS = new KnownWords([...SPEAKERS.keys(), 'text', 'input_text', 'output_text', 'message']);

interface Level {
  speaker: Speaker;
  /** Set by its own role or type: nothing further out says otherwise. */
  certain: boolean;
}

/**
 * @param body valid JSON.
 * @param speaker who says what nobody else is known to say.
 */
export function textsOf(body: Buffer, speaker: Speaker): TextSpot[] {
  const spots: TextSpot[] = [];
  if (!isUtf8(body)) return spots;
  const scanner = new JsonScanner(body);
  scanner.next();
  walk({ scanner, body, spots }, 1, '', { speaker, certain: false });
  return spots.sort((a, b) => a.start - b.start);
}

interface Walk {
  scanner: JsonScanner;
  body: Buffer;
  spots: TextSpot[];
}

/** Takes the value at the cursor. */
function walk(on: Walk, depth: number, key: string, level: Level): void {
  const { scanner, spots } = on;
  const first = scanner.peek();
  if (first === QUOTE) {
    const start = scanner.at;
    scanner.string();
    if (NO_TEXT.has(key)) return;
    const text = textAt(on, start);
    // An address of data is no text.
    if (text === '' || text.startsWith('data:')) return;
    spots.push({
      start,
      end: scanner.at,
      text,
      speaker: level.speaker,
      json: JSON_TEXT.has(key),
    });
  } else if (first === LIST) {
    scanner.items(depth, () => walk(on, depth + 1, key, level));
  } else if (first === OBJECT) walkObject(on, depth, key, level);
  else scanner.value(depth);
}

/** Of the string that was just taken. */
function textAt({ scanner, body }: Walk, start: number): string {
  if (!scanner.escaped) return body.toString('utf8', start + 1, scanner.at - 1);
  return JSON.parse(body.toString('utf8', start, scanner.at)) as string; // it is a string: the scanner took it
}

/** Of the key that was just taken; '' = one of no meaning here. */
function memberName({ scanner, body }: Walk, keyAt: number): string {
  if (!scanner.escaped) return KEYS.find(body, keyAt + 1, scanner.keyEnd - 1);
  const name = JSON.parse(body.toString('utf8', keyAt, scanner.keyEnd)) as string; // it is a string: the scanner took it
  const bytes = Buffer.from(name);
  return KEYS.find(bytes, 0, bytes.length);
}

/** A string at the cursor that is most likely one of few. */
function wordAt(on: Walk): string {
  const start = on.scanner.at;
  on.scanner.string();
  return WORDS.find(on.body, start + 1, on.scanner.at - 1) || textAt(on, start);
}

function walkObject(on: Walk, depth: number, within: string, outer: Level): void {
  const { scanner, spots } = on;
  const from = spots.length;
  const own: Level = { speaker: outer.speaker, certain: outer.certain };
  let media: TextSpot[] | null = null;
  let isText = false;
  let proven = false;
  let kind = '';
  // A role may stand behind what it is of: what was read before it is told then. Where texts of a member begin and end, in pairs.
  let late: number[] | null = null;
  scanner.members(depth, (keyAt) => {
    const key = memberName(on, keyAt);
    const isString = scanner.peek() === QUOTE;
    if (SAYS_WHAT.has(key)) {
      if (!isString) {
        walk(on, depth + 1, key, own);
        return;
      }
      const word = wordAt(on);
      if (key === 'role') become(own, SPEAKERS.get(word));
      else if (key === 'type') {
        kind = word;
        become(own, speakerOfType(word));
      } else if (key === 'signature') proven = word !== '';
      else if (word.startsWith('text/') || word.endsWith('json')) isText = true;
      return;
    }
    const before = spots.length;
    const said = BY_KEY[key];
    if (isString && MEDIA.has(key)) {
      walk(on, depth + 1, key, own);
      media = [...(media ?? []), ...spots.splice(before)];
    } else if (said !== undefined && (said !== 'definition' || depth === 1)) {
      walk(on, depth + 1, key, { speaker: said, certain: true });
    } else {
      walk(on, depth + 1, key, own);
      if (spots.length > before) (late ??= []).push(before, spots.length);
    }
  });
  // What a caller only calls proven is looked at: nothing but reasoning of the model's own is passed over.
  const reasoning = PROVEN.has(kind) || within === 'reasoningText';
  if (proven && reasoning && own.speaker === 'assistant') spots.length = from;
  else if (own.certain && late !== null) tellLate(spots, late, outer.speaker, own.speaker);
  if (media !== null && isText)
    for (const spot of media as TextSpot[]) spots.push({ ...spot, speaker: own.speaker });
}

function become(level: Level, speaker: Speaker | undefined): void {
  if (speaker === undefined) return;
  level.speaker = speaker;
  level.certain = true;
}

function speakerOfType(type: string): Speaker | undefined {
  if (type === 'text') return undefined;
  return BY_TYPE.find(([form]) => form.test(type))?.[1];
}

/** @param pairs where texts begin and end whose speaker was taken to be `before`. */
function tellLate(spots: TextSpot[], pairs: readonly number[], before: Speaker, speaker: Speaker): void {
  for (let pair = 0; pair < pairs.length; pair += 2)
    for (let at = pairs[pair]!; at < pairs[pair + 1]!; at++)
      if (spots[at]!.speaker === before) spots[at]!.speaker = speaker;
}
