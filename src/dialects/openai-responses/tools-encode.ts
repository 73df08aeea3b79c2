// Tool definitions and the choice among them, flat as Responses has them.
import type { ChatRequest, ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { unsupported } from '../losses.ts';
import { at } from '../read.ts';
import { fitToolSchema } from '../tool-schema.ts';
import { wireName } from '../wire-name.ts';

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
  const custom = nativeCustom(request, scope);
  body['tools'] = tools.map((tool, index) =>
    custom.has(tool.name) ? customDef(tool) : toolDef(tool, at('tools', index), scope),
  );
  if (choice !== null) body['tool_choice'] = encodeChoice(choice, custom);
  if (parallelToolCalls === null) return;
  if (!refuses.includes('parallel_tool_calls')) body['parallel_tool_calls'] = parallelToolCalls;
  else losses.adapt('tool_choice.disable_parallel_tool_use');
}

/** Names of the tools that go out as the custom tools they are: OpenAI alone has them. */
export function nativeCustom({ tools }: ChatRequest, { target }: EncodeScope): ReadonlySet<string> {
  if (target.legacyMaxTokens) return NONE;
  return new Set(tools.filter(({ custom }) => custom !== undefined).map(({ name }) => name));
}

const NONE: ReadonlySet<string> = new Set();

// What the format says in words is in it.
function customDef({ name, description, custom }: ToolDef): JsonObject {
  const def: JsonObject = { type: 'custom', name: wireName(name) };
  const [told] = (description ?? '').split(/(?:^|\n\n)The input must match this /);
  if (told) def['description'] = told;
  def['format'] = custom ?? { type: 'text' };
  return def;
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

function encodeChoice(choice: ToolChoice, custom: ReadonlySet<string>): string | JsonObject {
  const named = (name: string): JsonObject => ({
    type: custom.has(name) ? 'custom' : 'function',
    name: wireName(name),
  });
  if (choice.kind === 'tool') return named(choice.name);
  if (choice.kind !== 'allowed') return choice.kind;
  const tools = choice.names.map(named);
  return { type: 'allowed_tools', mode: choice.mode, tools };
}
