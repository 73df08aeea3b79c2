// What Responses refuses of a request, whoever sends it: unknown members, wrong roles and parts, outputs without their calls.
import { pick, tryJson } from './json.ts';

const MEMBERS = new Set(
  (
    'model input instructions previous_response_id conversation store background include max_output_tokens ' +
    'max_tool_calls tools tool_choice parallel_tool_calls reasoning text truncation temperature top_p top_logprobs ' +
    'context_management prompt metadata service_tier prompt_cache_key prompt_cache_options prompt_cache_retention ' +
    'safety_identifier user stream stream_options moderation client_metadata'
  ).split(' '),
);
const OTHER_ITEMS =
  /^(reasoning|item_reference|compaction|(local_shell|shell|apply_patch)_call(_output)?|\w+_call)$/;

/** Complaints about a request; empty when it is fine. */
export function checkResponses(body: unknown): string[] {
  const wrong = Object.keys(body as object)
    .filter((name) => !MEMBERS.has(name))
    .map((name) => `Unknown parameter: '${name}'.`);
  const input = pick(body, 'input');
  if (typeof input === 'string') return input === '' ? [...wrong, 'input: empty'] : wrong;
  if (!Array.isArray(input)) return [...wrong, "Missing required parameter: 'input'."];
  const open = new Set<string>();
  input.forEach((item, at) => {
    checkItem(item, `input[${at}]`, open, wrong);
  });
  for (const id of open) wrong.push(`No tool output found for function call ${id}.`);
  checkTools(body, wrong);
  const format = pick(body, 'text.format');
  if (pick(format, 'type') === 'json_schema' && typeof pick(format, 'name') !== 'string')
    wrong.push("Missing required parameter: 'text.format.name'.");
  return wrong;
}

function checkItem(item: unknown, path: string, open: Set<string>, wrong: string[]): void {
  const type = String(pick(item, 'type') ?? 'message');
  const callId = String(pick(item, 'call_id'));
  switch (type) {
    case 'message':
      checkMessage(item, path, wrong);
      return;
    case 'function_call':
    case 'custom_tool_call': {
      open.add(callId);
      const args = pick(item, type === 'function_call' ? 'arguments' : 'input');
      if (typeof args !== 'string') wrong.push(`${path}.arguments: must be a string`);
      else if (type === 'function_call' && tryJson(args) === undefined)
        wrong.push(`${path}.arguments: no JSON`);
      if (typeof pick(item, 'name') !== 'string') wrong.push(`${path}.name: missing`);
      return;
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      if (!open.delete(callId))
        wrong.push(`No tool call found for function call output with call_id ${callId}.`);
      const output = pick(item, 'output');
      if (Array.isArray(output)) checkParts(output, 'user', `${path}.output`, wrong);
      else if (typeof output !== 'string') wrong.push(`${path}.output: missing`);
      return;
    }
    default:
      if (!OTHER_ITEMS.test(type)) wrong.push(`Invalid value: '${type}' at ${path}.type`);
      if (type === 'reasoning' && !Array.isArray(pick(item, 'summary')))
        wrong.push(`Missing required parameter: '${path}.summary'.`);
      if (String(pick(item, 'encrypted_content')).includes('hg1.'))
        wrong.push(`${path}.encrypted_content: The encrypted content could not be verified.`);
  }
}

function checkMessage(item: unknown, path: string, wrong: string[]): void {
  const role = String(pick(item, 'role'));
  if (!['user', 'assistant', 'system', 'developer'].includes(role)) wrong.push(`${path}.role: ${role}`);
  for (const foreign of ['tool_calls', 'tool_call_id', 'name', 'cache_control'])
    if (pick(item, foreign) !== undefined) wrong.push(`Unknown parameter: '${path}.${foreign}'.`);
  const content = pick(item, 'content');
  if (Array.isArray(content)) checkParts(content, role, `${path}.content`, wrong);
  else if (typeof content !== 'string') wrong.push(`${path}.content: missing`);
}

function checkParts(parts: unknown[], role: string, path: string, wrong: string[]): void {
  const allowed =
    role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file'];
  parts.forEach((part, at) => {
    const type = String(pick(part, 'type'));
    if (!allowed.includes(type)) wrong.push(`Invalid value: '${type}' at ${path}[${at}].type`);
    if (type === 'input_image' && typeof pick(part, 'image_url') !== 'string')
      wrong.push(`${path}[${at}].image_url: must be a string`);
    if (type === 'input_file' && !/^data:/.test(String(pick(part, 'file_data') ?? 'data:')))
      wrong.push(`${path}[${at}].file_data: must be a data URL`);
  });
}

function checkTools(body: unknown, wrong: string[]): void {
  const tools = pick(body, 'tools');
  if (!Array.isArray(tools)) return;
  tools.forEach((tool, at) => {
    const type = String(pick(tool, 'type'));
    if (pick(tool, 'function') !== undefined) wrong.push(`Unknown parameter: 'tools[${at}].function'.`);
    if ((type === 'function' || type === 'custom') && typeof pick(tool, 'name') !== 'string')
      wrong.push(`Missing required parameter: 'tools[${at}].name'.`);
    if (type === 'function' && pick(tool, 'parameters') === undefined)
      wrong.push(`Missing required parameter: 'tools[${at}].parameters'.`);
  });
}
