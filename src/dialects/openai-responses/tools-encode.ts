// Tool definitions and the choice among them, flat as Responses has them.
import type { ChatRequest, ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { unsupported } from '../losses.ts';
import { at } from '../read.ts';
import { fitToolSchema } from '../tool-schema.ts';
import { wireName } from '../wire-name.ts';
import type { EncodeScope } from './parts-encode.ts';

const EMPTY: JsonObject = { type: 'object', properties: {} };

/** Writes `tools`, `tool_choice` and `parallel_tool_calls` into `body`. @throws GatewayError GW_CLIENT_UNSUPPORTED. */
export function encodeTools(request: ChatRequest, body: JsonObject, scope: EncodeScope): void {
  const { target, losses } = scope;
  const { tools, parallelToolCalls } = request;
  if (tools.length === 0) return;
  const { tools: place, forcedTool, refuses } = target.capabilities;
  if (place === 'none') throw unsupported('tools', `The model '${target.model}' takes no function tools.`);
  let choice = request.toolChoice;
  if (!forcedTool && choice !== null && (choice.kind === 'required' || choice.kind === 'tool')) {
    losses.adapt('tool_choice');
    choice = { kind: 'auto' };
  }
  body['tools'] = tools.map((tool, index) => toolDef(tool, at('tools', index), scope));
  if (choice !== null) body['tool_choice'] = encodeChoice(choice);
  if (parallelToolCalls === null) return;
  if (!refuses.includes('parallel_tool_calls')) body['parallel_tool_calls'] = parallelToolCalls;
  else losses.adapt('tool_choice.disable_parallel_tool_use');
}

/** Names that had to be shortened, with what they were. */
export function renamedTools(tools: readonly ToolDef[]): Record<string, string> {
  const renamed: Record<string, string> = {};
  for (const { name } of tools) if (wireName(name) !== name) renamed[wireName(name)] = name;
  return renamed;
}

function toolDef(tool: ToolDef, path: string, { target, losses }: EncodeScope): JsonObject {
  if (tool.cache !== null) losses.drop(at(path, 'cache_control'));
  const def: JsonObject = { type: 'function', name: wireName(tool.name) };
  if (def['name'] !== tool.name) losses.adapt(at(path, 'name'));
  if (tool.description !== null) def['description'] = tool.description;
  const fit = tool.schema === null ? null : fitToolSchema(tool.schema, target.capabilities.toolSchema);
  if (tool.schema !== null && fit === null) {
    const where = at(path, 'input_schema');
    throw unsupported(where, `The input_schema of tool '${tool.name}' describes no object.`);
  }
  if (fit?.adapted) losses.adapt(at(path, 'input_schema'));
  def['parameters'] = fit?.schema ?? EMPTY;
  // Left out it means true here, and false everywhere else. What was strict about a schema that says less now is nobody's word.
  def['strict'] = tool.strict === true && fit?.adapted !== true;
  return def;
}

function encodeChoice(choice: ToolChoice): string | JsonObject {
  if (choice.kind === 'tool') return { type: 'function', name: wireName(choice.name) };
  if (choice.kind !== 'allowed') return choice.kind;
  const tools = choice.names.map((name) => ({ type: 'function', name: wireName(name) }));
  return { type: 'allowed_tools', mode: choice.mode, tools };
}
