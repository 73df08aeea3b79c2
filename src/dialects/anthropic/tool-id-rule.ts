// Ids of tool calls as Messages takes them: `^[a-zA-Z0-9_-]+$`, and on some platforms no more than 64 of these.
import type { EncodeTarget } from '../../contracts/body.ts';
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { ToolIdRule } from '../tool-ids.ts';
import { toWireName } from './wire-names.ts';

/** Most characters where the table does not say. */
const MAX_LENGTH = 64;

/** For a model of this dialect. */
export function toolIdRule({ capabilities: { toolId } }: EncodeTarget): ToolIdRule {
  return { ...toolId, max: toolId.max ?? MAX_LENGTH, spell: toWireName };
}

/** For clients, who may take what they were given to Claude. Spelled at any length: it is read back when it returns. */
export const CLIENT_TOOL_ID: ToolIdRule = { alphabet: 'word', min: 1, max: null, spell: toWireName };

/** The ids a conversation holds as its client has them. */
export function clientIds({ toolIds }: AnswerContext): readonly string[] {
  return toolIds?.map(toWireName) ?? [];
}
