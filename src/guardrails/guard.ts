// A guardrail, compiled: what it looks for here, and who else is asked.
import type { CheckConfig, GuardrailConfig, PiiEntity, RemoteCheckType } from '../contracts/guardrail.ts';
import { PII_ENTITIES, REMOTE_CHECKS } from '../contracts/guardrail.ts';
import type { JsonObject } from '../contracts/json.ts';
import { type Detector, Finder } from './detector.ts';
import { injectionScore } from './injection.ts';
import type { SchemaBook } from './json-schema.ts';
import { keywordDetector } from './keywords.ts';
import { languageOf } from './language.ts';
import { piiDetectors } from './pii.ts';
import { secretDetectors } from './secrets.ts';
import { patternOf } from './user-pattern.ts';

/** What a check of a whole text knows beside it. */
export interface WholeContext {
  side: 'request' | 'answer';
  /** The schema that the request asks for; null = none. */
  schema: JsonObject | null;
}

/** A check of a whole text. @returns what is wrong with it; null = nothing. */
export type WholeCheck = (text: string, context: WholeContext) => string | null;

export interface Guard {
  readonly config: GuardrailConfig;
  /** Finds places in texts; null = nothing it looks for has a place. */
  readonly finder: Finder | null;
  readonly whole: readonly WholeCheck[];
  /** Names of tools that may be called; null = all. */
  readonly tools: ((name: string) => boolean) | null;
  readonly remote: readonly CheckConfig[];
  /** One of its checks looks at pictures. */
  readonly seesImages: boolean;
  /** Values that it takes out of requests come back in their answers. */
  readonly reversible: boolean;
  readonly input: boolean;
  readonly output: boolean;
  readonly toolCall: boolean;
  readonly toolResult: boolean;
}

/** @throws Error when a pattern cannot be compiled. */
export function compileGuard(config: GuardrailConfig, schemas: SchemaBook): Guard {
  const detectors: Detector[] = [];
  const whole: WholeCheck[] = [];
  const remote: CheckConfig[] = [];
  let tools: Guard['tools'] = null;
  let reversible = false;
  for (const check of config.checks) {
    const { type } = check;
    if ((REMOTE_CHECKS as readonly string[]).includes(type)) {
      remote.push(check);
      reversible ||= type === 'presidio' && check.reversible !== false;
    } else if (type === 'tools') tools = allowed(check);
    else if (type === 'keywords' || type === 'regex' || type === 'secrets' || type === 'pii') {
      detectors.push(...detectorsOf(check));
      reversible ||= (type === 'secrets' || type === 'pii') && check.reversible !== false;
    } else whole.push(wholeCheck(check, schemas));
  }
  const { on, action } = config;
  return {
    config,
    finder: detectors.length === 0 ? null : new Finder(detectors),
    whole,
    tools,
    remote,
    seesImages: remote.some(
      ({ type, shape }) => type === 'moderation' || (type === 'webhook' && shape !== 'portkey'),
    ),
    reversible: reversible && action === 'redact',
    input: on.includes('input'),
    output: on.includes('output'),
    toolCall: on.includes('output') || on.includes('tool_call'),
    toolResult: on.includes('input') || on.includes('tool_result'),
  };
}

/** Whether it looks at requests. */
export function isReader({ input, toolResult }: Guard): boolean {
  return input || toolResult;
}

export function isRemote(type: string): type is RemoteCheckType {
  return (REMOTE_CHECKS as readonly string[]).includes(type);
}

function detectorsOf(check: CheckConfig): Detector[] {
  switch (check.type) {
    case 'keywords':
      return [
        keywordDetector({
          words: check.words!,
          caseSensitive: check.caseSensitive ?? false,
          wholeWords: check.wholeWords ?? true,
        }),
      ];
    case 'regex':
      return check.patterns!.map((pattern) => patternOf(pattern, check.maxLength ?? DEFAULT_PATTERN_CHARS));
    case 'secrets':
      return secretDetectors(check.entropy ?? true);
    default:
      // Held to the list where the configuration is read.
      return piiDetectors((check.entities as PiiEntity[] | undefined) ?? PII_ENTITIES);
  }
}

const DEFAULT_PATTERN_CHARS = 256;
const INJECTION_SCORE = 0.5;

function wholeCheck(check: CheckConfig, schemas: SchemaBook): WholeCheck {
  const { allow, deny } = check;
  switch (check.type) {
    case 'injection': {
      const least = check.threshold ?? INJECTION_SCORE;
      return (text) => (injectionScore(text) >= least ? 'an attempt to take over the model' : null);
    }
    case 'schema':
      return (text, { side, schema: asked }) => {
        // Held to be an object by whoever reads it.
        const schema = (check.schema as JsonObject | undefined) ?? asked;
        return side === 'answer' && schema !== null ? schemas.fault(text, schema) : null;
      };
    case 'length':
      return (text) => {
        if (check.minChars !== undefined && text.length < check.minChars) return 'too short';
        return check.maxChars !== undefined && text.length > check.maxChars ? 'too long' : null;
      };
    case 'language':
      return (text) => {
        const language = languageOf(text);
        if (language === null) return null;
        if (deny?.includes(language) === true) return `language ${language}`;
        return allow === undefined || allow.includes(language) ? null : `language ${language}`;
      };
    default: {
      const denied = (deny ?? []).map(topicOf);
      const wanted = (allow ?? []).map(topicOf);
      return (text) => {
        const met = denied.find(({ finder }) => finder.first(text) !== null);
        if (met !== undefined) return `topic ${met.name}`;
        if (wanted.length === 0 || wanted.some(({ finder }) => finder.first(text) !== null)) return null;
        return 'off topic';
      };
    }
  }
}

/** `name: word, word`; without a name the words are it. */
function topicOf(entry: string): { name: string; finder: Finder } {
  const colon = entry.indexOf(':');
  const name = colon === -1 ? entry : entry.slice(0, colon).trim();
  const words = entry
    .slice(colon + 1)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const detector = keywordDetector({
    words: words.length === 0 ? [name] : words,
    caseSensitive: false,
    wholeWords: true,
  });
  return { name, finder: new Finder([detector]) };
}

function allowed({ allow, deny }: CheckConfig): (name: string) => boolean {
  const fits = (patterns: readonly string[], name: string): boolean =>
    patterns.some((pattern) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
    );
  return (name) => (deny === undefined || !fits(deny, name)) && (allow === undefined || fits(allow, name));
}
