// Tool definitions and the choice among them (wire.md 7.4).
import type { ChatRequest, ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { type Losses, unsupported } from '../losses.ts';
import { withCache } from './blocks-encode.ts';
import { toWireName } from './wire-names.ts';

/** Longest tool name Anthropic takes. */
const MAX_NAME = 128;

/** `tools`; a choice among some of them leaves only these. */
export function encodeTools(request: ChatRequest, losses: Losses): JsonObject[] {
  const { toolChoice } = request;
  if (toolChoice?.kind !== 'allowed') return request.tools.map((tool) => encodeTool(tool, losses));
  losses.adapt('tool_choice');
  const names = new Set(toolChoice.names);
  const allowed = request.tools.filter((tool) => names.has(tool.name));
  return allowed.map((tool) => encodeTool(tool, losses));
}

/** `tool_choice`, null when there is nothing to say. Thinking models refuse to be forced: they get `auto`. */
export function encodeToolChoice(request: ChatRequest, thinking: boolean, losses: Losses): JsonObject | null {
  const { toolChoice, parallelToolCalls, tools } = request;
  const oneAtATime = parallelToolCalls === false && tools.length > 0;
  let choice = toolChoice === null ? null : encodeChoice(toolChoice);
  if (thinking && (choice?.type === 'any' || choice?.type === 'tool')) {
    losses.adapt('tool_choice');
    choice = { type: 'auto' };
  }
  // Without tools the two that ask for nothing may be said at OpenAI, but not here.
  if (tools.length === 0 && (choice?.type === 'auto' || choice?.type === 'none')) return null;
  if (!oneAtATime || choice?.type === 'none') return choice;
  return { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true };
}

function encodeChoice(choice: ToolChoice): JsonObject {
  switch (choice.kind) {
    case 'auto':
    case 'none':
      return { type: choice.kind };
    case 'required':
      return { type: 'any' };
    case 'tool':
      return { type: 'tool', name: toWireName(choice.name) };
    case 'allowed':
      return { type: choice.mode === 'required' ? 'any' : 'auto' };
  }
}

function encodeTool(tool: ToolDef, losses: Losses): JsonObject {
  const name = toWireName(tool.name);
  if (name !== tool.name) losses.adapt('tools[].function.name');
  if (name.length > MAX_NAME)
    throw unsupported('tools[].function.name', `The tool name '${name}' is too long.`);
  const out: JsonObject = { name };
  if (tool.description !== null) out.description = tool.description;
  out.input_schema = encodeSchema(tool.schema, losses);
  if (tool.strict !== null) out.strict = tool.strict;
  return withCache(out, tool.cache, losses);
}

function encodeSchema(schema: JsonObject | null, losses: Losses): JsonObject {
  if (schema === null) return { type: 'object', properties: {} };
  if (schema.type !== undefined) return schema;
  // Arguments are always an object, and Anthropic wants it said.
  losses.adapt('tools[].function.parameters');
  return { type: 'object', ...schema };
}
