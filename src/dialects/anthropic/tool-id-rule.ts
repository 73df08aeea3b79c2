// Ids of tool calls as Messages takes them: `^[a-zA-Z0-9_-]+$`, and on some platforms no more than 64 of these.
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { ToolIdRule } from '../tool-ids.ts';
import { toWireName } from './wire-names.ts';

const ALPHABET = /^[A-Za-z0-9_-]+$/;

/** For Claude. */
export const CLAUDE_TOOL_ID: ToolIdRule = {
  alphabet: ALPHABET,
  maxLength: 64,
  exact: false,
  spell: toWireName,
};

/** For clients, who may take what they were given to Claude. Spelled at any length: it is read back when it returns. */
export const CLIENT_TOOL_ID: ToolIdRule = {
  alphabet: ALPHABET,
  maxLength: null,
  exact: false,
  spell: toWireName,
};

/** The ids a conversation holds as its client has them. */
export function clientIds({ toolIds }: AnswerContext): readonly string[] {
  return toolIds?.map(toWireName) ?? [];
}
