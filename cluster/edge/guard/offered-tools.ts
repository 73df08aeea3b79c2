// What a request offers to a model, in any dialect: names of tools, and MCP servers that the vendor calls by itself.

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function toolNames(body: unknown): string[] {
  if (!isTable(body)) return [];
  const bedrock = isTable(body['toolConfig']) ? listOf(body['toolConfig']['tools']) : [];
  return [...listOf(body['tools']), ...bedrock].flatMap(namesOf).filter((name) => name !== '');
}

/** Anthropic and Responses have the name in front, chat a level below, Gemini a list, Bedrock a `toolSpec`; Codex groups tools by name. */
function namesOf(tool: unknown): string[] {
  if (!isTable(tool)) return [];
  const { name, function: inner, functionDeclarations, function_declarations, toolSpec, tools } = tool;
  return [
    textOf(name),
    ...(isTable(inner) ? [textOf(inner['name'])] : []),
    ...(isTable(toolSpec) ? [textOf(toolSpec['name'])] : []),
    ...[...listOf(functionDeclarations), ...listOf(function_declarations)].flatMap((one) =>
      isTable(one) ? [textOf(one['name'])] : [],
    ),
    ...listOf(tools).flatMap((one) =>
      isTable(one) ? [textOf(one['name']), `${textOf(name)}${textOf(one['name'])}`] : [],
    ),
  ];
}

export function offeredServers(body: unknown): { name: string; url: string }[] {
  if (!isTable(body)) return [];
  const anthropic = listOf(body['mcp_servers']).map((one) =>
    isTable(one) ? { name: textOf(one['name']), url: textOf(one['url']) } : { name: '', url: '' },
  );
  const openai = listOf(body['tools']).flatMap((one) =>
    isTable(one) && one['type'] === 'mcp'
      ? [{ name: textOf(one['server_label']), url: textOf(one['server_url']) }]
      : [],
  );
  return [...anthropic, ...openai];
}
