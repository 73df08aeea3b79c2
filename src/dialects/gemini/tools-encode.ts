// Tool definitions and the choice among them (wire.md 7.4).
import type { ChatRequest, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { unsupported } from '../losses.ts';
import { at } from '../read.ts';
import { fitToolSchema } from '../tool-schema.ts';
import { wireName } from './wire-name.ts';

/** `tools`: one that holds all functions; null when there are none. */
export function encodeTools({ tools }: ChatRequest, scope: EncodeScope): JsonObject[] | null {
  if (tools.length === 0) return null;
  if (scope.target.capabilities.tools === 'none') {
    throw unsupported('tools', `The model '${scope.target.model}' takes no function tools.`);
  }
  return [{ functionDeclarations: tools.map((tool, index) => declaration(tool, at('tools', index), scope)) }];
}

/** Names that went out in another spelling -> the client's. */
export function renamedTools(tools: readonly ToolDef[]): Record<string, string> {
  const renamed: Record<string, string> = {};
  for (const { name } of tools) if (wireName(name) !== name) renamed[wireName(name)] = name;
  return renamed;
}

/** `toolConfig`; null when nothing is to be said. */
export function encodeToolConfig(request: ChatRequest, { target, losses }: EncodeScope): JsonObject | null {
  const { tools, toolChoice, parallelToolCalls } = request;
  if (tools.length === 0) return null;
  if (parallelToolCalls === false) losses.drop('parallel_tool_calls');
  const forced = toolChoice?.kind === 'required' || toolChoice?.kind === 'tool';
  const strict = tools.some((tool) => tool.strict === true);
  // ANY and VALIDATED keep to the schemas of all functions.
  if (strict) losses.adapt('tools[].function.strict');
  if (forced && !target.capabilities.forcedTool) losses.adapt('tool_choice');
  else {
    switch (toolChoice?.kind) {
      case 'none':
        return calling('NONE');
      case 'required':
        return calling('ANY');
      case 'tool':
        return calling('ANY', [toolChoice.name]);
      case 'allowed':
        // AUTO takes no list of names; VALIDATED is AUTO with arguments that fit, and does.
        if (toolChoice.mode === 'auto') losses.adapt('tool_choice');
        return calling(toolChoice.mode === 'auto' ? 'VALIDATED' : 'ANY', toolChoice.names);
      default:
    }
  }
  if (strict) return calling('VALIDATED');
  return toolChoice?.kind === 'auto' ? calling('AUTO') : null;
}

function calling(mode: string, names?: readonly string[]): JsonObject {
  const config: JsonObject = { mode };
  if (names !== undefined) config['allowedFunctionNames'] = names.map(wireName);
  return { functionCallingConfig: config };
}

function declaration(
  { name: said, description, schema, cache }: ToolDef,
  path: string,
  scope: EncodeScope,
): JsonObject {
  const { losses, target } = scope;
  const name = wireName(said);
  if (name !== said) losses.adapt(at(path, 'name'));
  if (cache !== null) losses.drop(at(path, 'cache_control'));
  const written: JsonObject = { name };
  if (description !== null) written['description'] = description;
  if (schema === null) return written;
  const fit = fitToolSchema(schema, target.capabilities.toolSchema);
  if (fit === null) {
    throw unsupported(at(path, 'parameters'), `The parameters of tool '${said}' describe no object.`);
  }
  if (fit.adapted) losses.adapt(at(path, 'parameters'));
  written['parametersJsonSchema'] = fit.schema;
  return written;
}
