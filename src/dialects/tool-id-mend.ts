// The byte path to a vendor that takes no ids of tool calls but its own kind (Mistral: nine letters or digits; OpenAI: at most 40
// characters): ids of another vendor in the history are mapped, call and result alike. Every other byte stays as it came.
import { MemberReader, type TextAt } from '../body/member-reader.ts';
import type { BodyFacts, Edit, EncodeTarget, Mended } from '../contracts/body.ts';
import type { ToolIdLimits } from '../contracts/capability.ts';
import { fitToolId } from './tool-ids.ts';

/** What has to change before these bytes go to `target`; null when nothing has. */
export function mendToolIds(body: Buffer, facts: BodyFacts, target: EncodeTarget): Mended | null {
  const { toolId } = target.capabilities;
  if (takesAnyId(toolId)) return null;
  // Every call of a history has its result.
  if (!facts.hasToolResults) return null;
  const edits = idsIn(body).flatMap((id) => idEdit(id, toolId) ?? []);
  return edits.length === 0 ? null : { edits, adapted: ['messages[].tool_call_id'] };
}

export function takesAnyId({ alphabet, max }: ToolIdLimits): boolean {
  return alphabet === 'any' && max === null;
}

/** The id as it fits; null when it does so already. */
export function idEdit({ span, text }: TextAt, limits: ToolIdLimits): Edit | null {
  const fit = fitToolId(text, limits);
  return fit === text ? null : { ...span, text: JSON.stringify(fit) };
}

function idsIn(body: Buffer): TextAt[] {
  const reader = new MemberReader(body);
  const ids: TextAt[] = [];
  const id = (depth: number): void => {
    const found = reader.text(depth);
    if (found !== null) ids.push(found);
  };
  const call = (): void =>
    reader.members(5, (key) => {
      if (key === 'id') id(5);
      else reader.value(5);
    });
  const message = (): void =>
    reader.members(3, (key) => {
      if (key === 'tool_call_id') id(3);
      else if (key === 'tool_calls') reader.items(4, call);
      else reader.value(3);
    });
  reader.members(1, (key) => {
    if (key === 'messages') reader.items(2, message);
    else reader.value(1);
  });
  return ids;
}
