// What a mock model does, read from its name: directives joined by `+`, each `name[:argument...]`
// (`tools+pace:20`, `flaky:2:503`). The head of mock-upstream.ts lists them all.
import { pick } from './json.ts';

/** Directives of one model name. */
export class Script {
  readonly #directives = new Map<string, string[]>();

  constructor(model: string) {
    for (const part of model.split('+')) {
      const [name = '', ...args] = part.split(':');
      this.#directives.set(name, args);
    }
  }

  has(name: string): boolean {
    return this.#directives.has(name);
  }

  text(name: string, index = 0): string | null {
    return this.#directives.get(name)?.[index] ?? null;
  }

  /** Number at `index`; `fallback` when the directive is there without it; null when it is not there. */
  number(name: string, fallback: number, index = 0): number | null {
    if (!this.has(name)) return null;
    const text = this.text(name, index);
    return text === null || text === '' ? fallback : Number(text);
  }

  /** Arguments of the form `key=value`. */
  options(name: string): Record<string, string> {
    const found: Record<string, string> = {};
    for (const arg of this.#directives.get(name) ?? []) {
      const at = arg.indexOf('=');
      if (at > 0) found[arg.slice(0, at)] = arg.slice(at + 1);
    }
    return found;
  }
}

export interface PlannedTool {
  id: string;
  name: string;
  /** JSON text of the arguments, in the pieces a stream sends it. */
  pieces: string[];
}

/** An answer before any vendor's spelling. */
export interface Plan {
  model: string;
  serial: number;
  reasoning: string[];
  signature: string | null;
  redacted: string | null;
  text: string[];
  tools: PlannedTool[];
  finish: 'end' | 'length' | 'tools' | 'stop_sequence';
  /** Written as it is instead of the vendor's word for `finish`. */
  finishAs: string | null;
  stopSequence: string | null;
  /** Each piece of text tells how likely it was: `chanceOf`. */
  odds: boolean;
  /** Answers that are asked for. */
  choices: number;
  usage: { input: number; cacheRead: number; cacheWrite: number; output: number; reasoning: number } | null;
}

/** Decides what to answer from the model name and the request. */
export function makePlan(script: Script, model: string, body: unknown, serial: number): Plan {
  const plan: Plan = {
    model,
    serial,
    reasoning: [],
    signature: null,
    redacted: null,
    text: pieces(wantedText(script, body)),
    tools: [],
    finish: 'end',
    finishAs: script.text('finish'),
    stopSequence: null,
    odds: script.has('logprobs'),
    choices: Number(pick(body, 'n') ?? pick(body, 'generationConfig.candidateCount') ?? 1),
    usage: { input: 12, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
  };
  if (script.has('continues')) goOn(plan, body);
  addTools(plan, script, body);
  addReasoning(plan, script);
  applyStop(plan, body);
  applyLimit(plan, body);
  if (plan.usage !== null) {
    plan.usage.output = plan.text.length + plan.reasoning.length + plan.tools.length * 5;
    plan.usage.reasoning = plan.reasoning.length;
    if (script.has('cached')) Object.assign(plan.usage, { input: 2048, cacheRead: 1024, cacheWrite: 512 });
    if (script.has('usage-none')) plan.usage = null;
  }
  return plan;
}

/** Log probability of piece number `at`. */
export const chanceOf = (at: number): number => -(at + 1) / 8;

const plainText = 'Hello from the mock provider, all is well.';

function wantedText(script: Script, body: unknown): string {
  const size = script.number('big', 1_000_000);
  if (size !== null) return 'lorem ipsum '.repeat(Math.ceil(size / 12)).slice(0, size);
  const count = script.number('text', 60);
  if (count !== null) return Array.from({ length: count }, (_, index) => `t${index}`).join(' ');
  if (script.has('echo')) return lastUserText(body);
  if (script.has('json')) return '{"answer": 42, "big": 12345678901234567890}';
  if (script.has('empty')) return '';
  return plainText;
}

/** Words with their leading space, as models send them; few large pieces when the text is big. */
function pieces(text: string): string[] {
  if (text.length > 20_000) return text.match(/[\s\S]{1,4096}/g) ?? [];
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? (text === '' ? [] : [text]);
}

function addTools(plan: Plan, script: Script, body: unknown): void {
  if (hasToolResult(body)) {
    if (['tools', 'parallel-tools', 'call'].some((name) => script.has(name)))
      plan.text = pieces('It is 21 degrees in Paris.');
    return;
  }
  if (script.has('tools'))
    plan.tools = [tool(plan, 0, script.text('tools') ?? 'get_weather', ['', '{"ci', 'ty": "Par', 'is"}'])];
  else if (script.has('parallel-tools'))
    plan.tools = [
      tool(plan, 0, 'get_weather', ['{"city"', ': "Paris"}']),
      tool(plan, 1, 'get_time', ['{"zone":', ' "Europe/Paris"}']),
    ];
  else if (script.has('big-int'))
    plan.tools = [
      tool(plan, 0, 'store', ['{"id": 123456789', '01234567890, "zero": 0, "f": 1.0, "none": {}}']),
    ];
  else if (script.has('call'))
    plan.tools = [
      tool(plan, 0, script.text('call') ?? '', ['{', JSON.stringify(script.options('call')).slice(1)]),
    ];
  else if (script.has('tool-no-args')) plan.tools = [tool(plan, 0, 'ping', ['{}'])];
  else return;
  plan.finish = 'tools';
  if (!script.has('with-text')) plan.text = [];
}

function tool(plan: Plan, index: number, name: string, parts: string[]): PlannedTool {
  return { id: `call_${plan.serial}_${index}`, name, pieces: parts };
}

function addReasoning(plan: Plan, script: Script): void {
  if (script.has('redacted')) plan.redacted = 'cmVkYWN0ZWQ=';
  if (!script.has('thinking')) return;
  plan.reasoning = pieces('Let me think about that first.');
  plan.signature = 'c2lnbmF0dXJlLW9mLXRoZS1tb2Nr';
}

function applyStop(plan: Plan, body: unknown): void {
  const given =
    pick(body, 'stop') ??
    pick(body, 'stop_sequences') ??
    pick(body, 'inferenceConfig.stopSequences') ??
    pick(body, 'generationConfig.stopSequences');
  const stops = typeof given === 'string' ? [given] : Array.isArray(given) ? given.map(String) : [];
  const text = plan.text.join('');
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at < 0) continue;
    plan.text = pieces(text.slice(0, at));
    plan.finish = 'stop_sequence';
    plan.stopSequence = stop;
    return;
  }
}

function applyLimit(plan: Plan, body: unknown): void {
  const limit =
    pick(body, 'max_completion_tokens') ??
    pick(body, 'max_tokens') ??
    pick(body, 'max_output_tokens') ??
    pick(body, 'inferenceConfig.maxTokens') ??
    pick(body, 'generationConfig.maxOutputTokens');
  if (typeof limit !== 'number' || plan.tools.length > 0 || plan.text.length <= limit) return;
  plan.text = plan.text.slice(0, limit);
  plan.finish = 'length';
}

/** A model that takes the beginning of its answer says the rest of it. */
function goOn(plan: Plan, body: unknown): void {
  const begun = givenBeginning(body);
  const text = plan.text.join('');
  if (begun !== null && text.startsWith(begun)) plan.text = pieces(text.slice(begun.length));
}

/** The beginning of its answer that a request gives a model; null = none. */
export function givenBeginning(body: unknown): string | null {
  const turns = turnsOf(body);
  const last = Array.isArray(turns) ? turns.at(-1) : null;
  if (pick(last, 'role') !== 'assistant' && pick(last, 'role') !== 'model') return null;
  const content = pick(last, 'content') ?? pick(last, 'parts');
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part) => pick(part, 'text') ?? '').join('') : null;
}

function lastUserText(body: unknown): string {
  const messages = turnsOf(body);
  if (!Array.isArray(messages)) return '';
  const last = messages.findLast((message) => pick(message, 'role') === 'user');
  const content = pick(last, 'content') ?? pick(last, 'parts');
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => pick(part, 'text') ?? '').join('');
}

/** The conversation, whatever the dialect calls it. */
function turnsOf(body: unknown): unknown {
  const input = pick(body, 'input');
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  return input ?? pick(body, 'messages') ?? pick(body, 'contents');
}

function hasToolResult(body: unknown): boolean {
  const messages = turnsOf(body);
  if (!Array.isArray(messages)) return false;
  const last = messages.at(-1);
  if (pick(last, 'role') === 'tool') return true;
  if (/_call_output$/.test(String(pick(last, 'type')))) return true;
  const content = pick(last, 'content') ?? pick(last, 'parts');
  return (
    Array.isArray(content) &&
    content.some(
      (part) =>
        pick(part, 'type') === 'tool_result' ||
        pick(part, 'toolResult') !== undefined ||
        pick(part, 'functionResponse') !== undefined,
    )
  );
}
