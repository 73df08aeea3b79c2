// The texts of a JSON body, whatever its dialect and operation: every string that is not known to be something else, with its
// place in the bytes. What is unknown is looked at: a new field of a vendor's is no way past a guardrail.
import { isUtf8 } from 'node:buffer';
import { MemberReader } from '../body/member-reader.ts';

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
/** Members with base64, unless what is beside them says that they are text. */
const MEDIA: ReadonlySet<string> = new Set(['data', 'bytes', 'file_data', 'fileData', 'audio']);
const JSON_TEXT: ReadonlySet<string> = new Set(['arguments', 'partial_json']);

const SPEAKERS: Readonly<Record<string, Speaker>> = {
  user: 'user',
  human: 'user',
  system: 'system',
  developer: 'system',
  assistant: 'assistant',
  model: 'assistant',
  CHATBOT: 'assistant',
  USER: 'user',
  SYSTEM: 'system',
  TOOL: 'tool_result',
  tool: 'tool_result',
  function: 'tool_result',
};
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
  const reader = new MemberReader(body);
  walk({ reader, body, spots }, 1, '', { speaker, certain: false });
  return spots.sort((a, b) => a.start - b.start);
}

interface Walk {
  reader: MemberReader;
  body: Buffer;
  spots: TextSpot[];
}

/** Takes the value at the cursor. */
function walk(on: Walk, depth: number, key: string, level: Level): void {
  const { reader, body, spots } = on;
  const first = body[reader.at];
  if (first === 0x22) {
    const skip = NO_TEXT.has(key);
    if (skip) {
      reader.value(depth);
      return;
    }
    const read = reader.text(depth)!;
    // An address of data is no text.
    if (read.text.startsWith('data:') || read.text === '') return;
    spots.push({
      start: read.span.start,
      end: read.span.end,
      text: read.text,
      speaker: level.speaker,
      json: JSON_TEXT.has(key),
    });
  } else if (first === 0x5b) {
    reader.items(depth, () => walk(on, depth + 1, key, level));
  } else if (first === 0x7b) walkObject(on, depth, key, level);
  else reader.value(depth);
}

function walkObject(on: Walk, depth: number, within: string, outer: Level): void {
  const { reader, body, spots } = on;
  const from = spots.length;
  const own: Level = { ...outer };
  let media: TextSpot[] | null = null;
  let isText = false;
  let proven = false;
  let kind = '';
  // A role may stand behind what it is of: what was read before it is told then.
  const late: { spot: number; to: number }[] = [];
  reader.members(depth, (key) => {
    const said = BY_KEY[key];
    if (
      key === 'role' ||
      key === 'type' ||
      key === 'signature' ||
      key === 'media_type' ||
      key === 'mimeType'
    ) {
      if (body[reader.at] !== 0x22) {
        walk(on, depth + 1, key, own);
        return;
      }
      const { text } = reader.text(depth + 1)!;
      if (key === 'role') Object.assign(own, of(SPEAKERS[text]));
      else if (key === 'type') {
        kind = text;
        Object.assign(own, of(BY_TYPE.find(([form]) => form.test(text))?.[1]));
      } else if (key === 'signature') proven = text !== '';
      else if (text.startsWith('text/') || text.endsWith('json')) isText = true;
      return;
    }
    const before = spots.length;
    if (MEDIA.has(key) && body[reader.at] === 0x22) {
      walk(on, depth + 1, key, own);
      media = [...(media ?? []), ...spots.splice(before)];
    } else if (said !== undefined && (said !== 'definition' || depth === 1)) {
      walk(on, depth + 1, key, { speaker: said, certain: true });
    } else {
      walk(on, depth + 1, key, own);
      late.push({ spot: before, to: spots.length });
    }
  });
  // What a caller only calls proven is looked at: nothing but reasoning of the model's own is passed over.
  const reasoning = PROVEN.has(kind) || within === 'reasoningText';
  if (proven && reasoning && own.speaker === 'assistant') spots.length = from;
  else if (own.certain)
    for (const { spot, to } of late)
      for (let at = spot; at < to; at++)
        if (spots[at]!.speaker === outer.speaker) spots[at]!.speaker = own.speaker;
  if (media !== null && isText)
    for (const spot of media as TextSpot[]) spots.push({ ...spot, speaker: own.speaker });
}

function of(speaker: Speaker | undefined): Partial<Level> {
  return speaker === undefined ? {} : { speaker, certain: true };
}
