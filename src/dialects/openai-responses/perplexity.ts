// Perplexity's Responses: each message says that it is one, and what an answer is to look like stands in `response_format`, as Chat
// Completions have it.
import { memberName, PER_MEMBER } from '../../body/member-edits.ts';
import { MemberReader } from '../../body/member-reader.ts';
import type { BodyFacts, Edit, Mended } from '../../contracts/body.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { parseObject } from '../lenient.ts';
import type { Losses } from '../losses.ts';
import { isObject } from '../read.ts';

/** Puts what stands in `text` of a request that was written for OpenAI where it is looked for there. */
export function sayToPerplexity(body: JsonObject, losses: Losses): void {
  const { text } = body;
  if (!isObject(text)) return;
  delete body['text'];
  const format = schemaFormat(text);
  if (format !== null) body['response_format'] = format;
  else if (text['format'] !== undefined) losses.drop('response_format');
  if (text['verbosity'] !== undefined) losses.drop('verbosity');
}

/** The same in the bytes of OpenAI's clients, which also leave out that a message is one; null = nothing has to change. */
export function mendForPerplexity(body: Buffer, { members }: BodyFacts): Mended | null {
  const edits: Edit[] = [];
  const adapted: string[] = [];
  const reader = new MemberReader(body);
  reader.members(1, (key) => {
    if (key === 'input') reader.items(2, () => typeItem(reader, edits));
    else reader.value(1);
  });
  if (edits.length > 0) adapted.push('input[].type');
  const format = moveFormat(body, members);
  if (format !== null) {
    edits.push(format);
    adapted.push('text.format');
  }
  return edits.length === 0 ? null : { edits: edits.sort((a, b) => a.start - b.start), adapted };
}

function typeItem(reader: MemberReader, edits: Edit[]): void {
  const at = reader.at + 1;
  const keys = new Set<string>();
  reader.members(3, (key) => {
    keys.add(key);
    reader.value(3);
  });
  if (keys.has('role') && !keys.has('type')) edits.push({ start: at, end: at, text: '"type":"message",' });
}

function moveFormat(body: Buffer, members: readonly number[]): Edit | null {
  let found: Edit | null = null;
  for (let member = 0; member * PER_MEMBER < members.length; member++) {
    const name = memberName(body, members, member);
    if (name === 'response_format') return null;
    if (name !== 'text') continue;
    const at = member * PER_MEMBER;
    const text = parseObject(body.toString('utf8', members[at + 2], members[at + 3]));
    const format = text === null ? null : schemaFormat(text);
    if (format === null) continue;
    found = {
      start: members[at]!,
      end: members[at + 3]!,
      text: `"response_format":${JSON.stringify(format)}`,
    };
  }
  return found;
}

function schemaFormat(text: JsonObject): JsonObject | null {
  const { format } = text;
  if (!isObject(format) || format['type'] !== 'json_schema') return null;
  const { type, ...schema } = format;
  return { type: type!, json_schema: schema };
}
