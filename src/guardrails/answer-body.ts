// Guardrails on an answer that is JSON and nothing is known of beside: pictures' prompts, ranked documents, an object of a
// provider's own. Every text in it counts.
import { applyEdits } from '../body/splice.ts';
import type { Edit } from '../contracts/body.ts';
import type { GuardRun } from './run.ts';
import { type BlockKind, SaidText } from './said-text.ts';
import { textsOf } from './texts.ts';

export interface CheckedBody {
  body: Buffer;
  /** What it says, for who is asked beside. */
  text: string;
}

/** Sets `run.refusal` where it is refused. @param contentType of text, of whatever kind. */
export function checkAnswerBody(body: Buffer, contentType: string, run: GuardRun): CheckedBody {
  for (const guard of run.guards) if (guard.output) run.note(guard, 'answer', 'pass');
  if (contentType.startsWith('text/event-stream')) return checkEvents(body, run);
  if (!/json\b/i.test(contentType)) return checkPlain(body, run);
  return checkJson(body, run);
}

function checkJson(body: Buffer, run: GuardRun): CheckedBody {
  const edits: Edit[] = [];
  const said: string[] = [];
  for (const { start, end, text, json, speaker } of textsOf(body, 'assistant')) {
    const now = clean(text, json ? 'arguments' : speaker === 'tool_call' ? 'plain_arguments' : 'text', run);
    if (now === null) return { body, text: '' };
    said.push(now);
    if (now !== text) edits.push({ start, end, text: JSON.stringify(now) });
  }
  return { body: applyEdits(body, edits), text: said.join('\n') };
}

/** Events whose data is JSON each: what is said in pieces of them is looked at in pieces. */
function checkEvents(body: Buffer, run: GuardRun): CheckedBody {
  const said: string[] = [];
  const lines = body.toString('utf8').split('\n');
  for (const [at, line] of lines.entries()) {
    const data = /^data: ?(\{.*\})\r?$/.exec(line)?.[1];
    if (data === undefined || !isJson(data)) continue;
    const checked = checkJson(Buffer.from(data), run);
    if (run.refusal !== null) return checked;
    said.push(checked.text);
    lines[at] = line.replace(data, () => checked.body.toString('utf8'));
  }
  return { body: Buffer.from(lines.join('\n')), text: said.join('') };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function checkPlain(body: Buffer, run: GuardRun): CheckedBody {
  const text = body.toString('utf8');
  const now = clean(text, 'text', run);
  if (now === null) return { body, text: '' };
  return { body: now === text ? body : Buffer.from(now), text: now };
}

/** @returns null = it is refused. */
function clean(text: string, kind: BlockKind, run: GuardRun): string | null {
  const one = new SaidText(run, kind);
  if (one.idle) return text;
  const before = one.push(text);
  const now = before + one.end();
  if (one.ended === null) return now;
  run.refusal = run.refused(one.ended.guard, 'answer');
  return null;
}
