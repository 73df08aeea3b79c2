// Tool definitions and the choice among them (wire.md 7.4).
import type { Capabilities, ToolSchemaLimits } from '../../contracts/capability.ts';
import type { ChatRequest, ToolChoice, ToolDef, Turn } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { type Losses, unsupported } from '../losses.ts';
import { fitToolSchema } from '../tool-schema.ts';
import type { BlockWriter } from './blocks-encode.ts';
import type { WireNames } from './tool-names.ts';

const NO_ARGUMENTS: JsonObject = { type: 'object', properties: {} };

export interface ToolPlan {
  /** `toolConfig`; null = there is none. */
  config: JsonObject | null;
  /** `tool_choice` among the fields of the model itself, in place of Converse's; null = not needed. */
  modelChoice: JsonObject | null;
}

/** @param free calls cannot be forced, for the model thinks or takes no such word. @param claude it has a choice of its own. */
export function planTools(
  request: ChatRequest,
  { toolSchema }: Capabilities,
  writer: BlockWriter,
  names: WireNames,
  free: boolean,
  claude: boolean,
  losses: Losses,
): ToolPlan {
  const tools = toolsOf(request, losses);
  if (tools.length === 0) {
    if (request.toolChoice?.kind === 'required' || request.toolChoice?.kind === 'tool')
      losses.adapt('tool_choice');
    return { config: null, modelChoice: null };
  }
  const list: JsonObject[] = [];
  for (const tool of tools) {
    list.push({ toolSpec: encodeTool(tool, toolSchema, names, losses) });
    writer.mark(list, tool.cache);
  }
  const config: JsonObject = { tools: list };
  let choice = encodeChoice(request.toolChoice, names);
  if (free && choice !== null && choice['auto'] === undefined) {
    losses.adapt('tool_choice');
    choice = { auto: {} };
  }
  if (request.parallelToolCalls === false && claude && request.tools.length > 0)
    return { config, modelChoice: oneAtATime(choice) };
  if (request.parallelToolCalls === false) losses.drop('parallel_tool_calls');
  if (choice !== null) config['toolChoice'] = choice;
  return { config, modelChoice: null };
}

/** The tools that may be called, or that the history needs: without them its calls are refused. */
function toolsOf({ tools, toolChoice, turns }: ChatRequest, losses: Losses): ToolDef[] {
  const called = calledIn(turns);
  if (toolChoice?.kind === 'none' && tools.length > 0) {
    losses.adapt('tool_choice');
    return called.size === 0 ? [] : [...tools];
  }
  if (toolChoice?.kind === 'allowed') {
    losses.adapt('tool_choice');
    return tools.filter((tool) => toolChoice.names.includes(tool.name));
  }
  if (tools.length > 0 || called.size === 0) return [...tools];
  losses.adapt('tools');
  return [...called].map((name) => ({ name, description: null, schema: null, strict: null, cache: null }));
}

function calledIn(turns: readonly Turn[]): Set<string> {
  const names = new Set<string>();
  for (const { parts } of turns) {
    for (const part of parts) if (part.kind === 'tool_call') names.add(part.name);
  }
  return names;
}

function encodeTool(tool: ToolDef, limits: ToolSchemaLimits, names: WireNames, losses: Losses): JsonObject {
  const name = names.take(tool.name);
  if (name !== tool.name) losses.adapt('tools[].function.name');
  const fit = tool.schema === null ? null : fitToolSchema(tool.schema, limits);
  if (tool.schema !== null && fit === null) {
    const message = `The parameters of tool '${tool.name}' describe no object.`;
    throw unsupported('tools[].function.parameters', message);
  }
  const adapted = fit?.adapted === true || (fit !== null && tool.schema?.['type'] === undefined);
  if (adapted) losses.adapt('tools[].function.parameters');
  const spec: JsonObject = { name };
  // An empty one is refused.
  if (tool.description) spec['description'] = tool.description;
  spec['inputSchema'] = { json: fit?.schema ?? NO_ARGUMENTS };
  // What was strict about a schema that says less now is nobody's word.
  if (tool.strict !== null && !(fit?.adapted === true && tool.strict)) spec['strict'] = tool.strict;
  return spec;
}

function encodeChoice(choice: ToolChoice | null, names: WireNames): JsonObject | null {
  switch (choice?.kind) {
    case 'auto':
      return { auto: {} };
    case 'required':
      return { any: {} };
    case 'tool':
      return { tool: { name: names.take(choice.name) } };
    case 'allowed':
      return choice.mode === 'required' ? { any: {} } : { auto: {} };
    default:
      return null;
  }
}

/** Claude's own choice, which alone can say so. */
function oneAtATime(choice: JsonObject | null): JsonObject {
  const [type = 'auto'] = Object.keys(choice ?? {});
  const named = choice?.['tool'] as JsonObject | undefined; // encodeChoice made it
  return {
    type,
    ...(named?.['name'] === undefined ? {} : { name: named['name'] }),
    disable_parallel_tool_use: true,
  };
}
