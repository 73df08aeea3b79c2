// Tool definitions and the choice among them (wire.md 7.4).
import type { ToolSchemaLimits } from '../../contracts/capability.ts';
import type { ChatRequest, ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { type Losses, unsupported } from '../losses.ts';
import { type FitSchema, fitToolSchema } from '../tool-schema.ts';
import { withCache } from './blocks-encode.ts';
import { toWireName } from './wire-names.ts';

/** Longest tool name Anthropic takes. */
const MAX_NAME = 128;

/** `tools`; a choice among some of them leaves only these. */
export function encodeTools(request: ChatRequest, limits: ToolSchemaLimits, losses: Losses): JsonObject[] {
  const { toolChoice } = request;
  if (toolChoice?.kind !== 'allowed') return request.tools.map((tool) => encodeTool(tool, limits, losses));
  losses.adapt('tool_choice');
  const names = new Set(toolChoice.names);
  const allowed = request.tools.filter((tool) => names.has(tool.name));
  return allowed.map((tool) => encodeTool(tool, limits, losses));
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

function encodeTool(tool: ToolDef, limits: ToolSchemaLimits, losses: Losses): JsonObject {
  const name = toWireName(tool.name);
  if (name !== tool.name) losses.adapt('tools[].function.name');
  if (name.length > MAX_NAME)
    throw unsupported('tools[].function.name', `The tool name '${name}' is too long.`);
  const out: JsonObject = { name };
  if (tool.description !== null) out.description = tool.description;
  const { schema, adapted } = encodeSchema(tool, limits);
  out.input_schema = schema;
  // Anthropic wants the type said, which OpenAI takes as read.
  if (adapted || (tool.schema !== null && tool.schema.type === undefined)) {
    losses.adapt('tools[].function.parameters');
  }
  // What was strict about a schema that says less now is nobody's word.
  if (tool.strict !== null && !(adapted && tool.strict)) out.strict = tool.strict;
  return withCache(out, tool.cache, losses);
}

function encodeSchema({ name, schema }: ToolDef, limits: ToolSchemaLimits): FitSchema {
  if (schema === null) return { schema: { type: 'object', properties: {} }, adapted: false };
  const fit = fitToolSchema(schema, limits);
  if (fit !== null) return fit;
  throw unsupported('tools[].function.parameters', `The parameters of tool '${name}' describe no object.`);
}
