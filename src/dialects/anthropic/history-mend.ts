// The byte path to Claude: what we wrote ourselves into a client's history for another provider, and Claude refuses. Thinking
// without a signature, or with another maker's, is left out (and a message that held nothing else), ids of tool calls that come twice or are out of the
// alphabet are replaced, call and result alike. Every other byte stays as it came.
import { cutItems } from '../../body/list-cuts.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended } from '../../contracts/body.ts';
import { ToolIds } from '../tool-ids.ts';
import { type History, type HistoryBlock, type HistoryMessage, readHistory } from './history.ts';
import { toolIdRule } from './tool-id-rule.ts';

const THINKING = Buffer.from('thinking"');
const TOOL_USE = Buffer.from('"tool_use"');
const COLON = 0x3a;
const SPACE = 0x20;

/**
 * What has to change before these bytes go to `target`; null when nothing has.
 *
 * @param claude the target is one, whatever its name says.
 */
export function mendHistory(
  body: Buffer,
  facts: BodyFacts,
  target: EncodeTarget,
  claude = target.provider === 'anthropic' || /claude/i.test(target.model),
): Mended | null {
  // Where tools are offered there are mostly calls: looking for one would cost as much as reading.
  if (!facts.hasTools && !body.includes(TOOL_USE) && !holdsThinking(body)) return null;
  // Servers that speak this dialect with models of their own write no signatures, and some want their thinking back.
  if (!claude) return null;
  const history = readHistory(body);
  if (target.dropProofs === true)
    for (const { blocks } of history.messages) for (const block of blocks) block.signed = false;
  const edits: Edit[] = [];
  const adapted: string[] = [];
  if (fitIds(history.messages, target, edits)) adapted.push('messages[].content[].id');
  if (dropUnsigned(history, edits)) {
    adapted.push('messages[].content[].thinking');
    if (stopsThinking(history, body)) {
      edits.push({ ...history.thinking!, text: '{"type":"disabled"}' });
      adapted.push('thinking');
    }
  }
  return edits.length === 0 ? null : { edits: withoutCovered(edits), adapted };
}

// As a value: the request's own setting has the word as its key, and so has a block beside its type.
function holdsThinking(body: Buffer): boolean {
  for (let at = body.indexOf(THINKING); at >= 0; at = body.indexOf(THINKING, at + THINKING.length)) {
    let behind = at + THINKING.length;
    while (body[behind]! <= SPACE) behind++;
    if (body[behind] !== COLON) return true;
  }
  return false;
}

function fitIds(messages: readonly HistoryMessage[], target: EncodeTarget, edits: Edit[]): boolean {
  const ids = new ToolIds(toolIdRule(target));
  let open = new Map<string, string[]>();
  let answering = false;
  for (const { assistant, blocks } of messages) {
    if (assistant && answering) open = new Map();
    answering = !assistant;
    for (const { type, id } of blocks) {
      if (id === null) continue;
      let wire: string | undefined;
      if (assistant && type === 'tool_use') {
        wire = ids.take(id.text);
        const waiting = open.get(id.text);
        if (waiting === undefined) open.set(id.text, [wire]);
        else waiting.push(wire);
      } else if (!assistant && type === 'tool_result') wire = open.get(id.text)?.shift();
      if (wire !== undefined && wire !== id.text) edits.push({ ...id.span, text: JSON.stringify(wire) });
    }
  }
  return edits.length > 0;
}

const emptied = ({ assistant, blocks }: HistoryMessage): boolean =>
  assistant && blocks.length > 0 && blocks.every(isUnsigned);
const isUnsigned = ({ type, signed }: HistoryBlock): boolean =>
  !signed && (type === 'thinking' || type === 'redacted_thinking');

function dropUnsigned({ messages }: History, edits: Edit[]): boolean {
  const before = edits.length;
  for (const message of messages) {
    if (message.assistant && !emptied(message)) cutItems(message.blocks, isUnsigned, edits);
  }
  cutItems(messages, emptied, edits);
  return edits.length > before;
}

// Claude goes on with a tool loop under `thinking: enabled` only where its last message begins with thinking.
function stopsThinking({ messages, thinking }: History, body: Buffer): boolean {
  if (
    thinking === null ||
    !/"type"\s*:\s*"enabled"/.test(body.toString('utf8', thinking.start, thinking.end))
  )
    return false;
  const last = messages.findLastIndex((message) => message.assistant && !emptied(message));
  const blocks = messages[last]?.blocks ?? [];
  if (last < 0) return false;
  const goesOn =
    last === messages.length - 1 ||
    messages[last + 1]?.blocks.some(({ type }) => type === 'tool_result') === true;
  const first = blocks.find((block) => !isUnsigned(block))?.type;
  return goesOn && blocks.some(isUnsigned) && first !== 'thinking' && first !== 'redacted_thinking';
}

// Rising, and none inside another: a cut message takes with it what was to change in it.
function withoutCovered(edits: Edit[]): Edit[] {
  edits.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return edits.filter((edit) => {
    if (edit.start < end) return false;
    end = edit.end;
    return true;
  });
}
