// Asks whoever a guardrail's checks are made by, and tells what became of the texts. One that cannot be asked is `failed`; what
// that means is the guardrail's own word.
import type { Call } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { CheckConfig, GuardrailConfig, RemoteCheckType } from '../../contracts/guardrail.ts';
import type { GuardrailOutcome } from '../../contracts/outcomes.ts';
import type { Place, RemoteCheck, RemoteVerdict } from '../../contracts/remote-check.ts';
import type { Guard } from '../../guardrails/guard.ts';
import type { GuardRun } from '../../guardrails/run.ts';
import { abortBehindTurns } from '../../ipc/behind-reads.ts';

/** Checks by their configuration: with what they keep between calls. */
export type RemoteChecks = ReadonlyMap<CheckConfig, RemoteCheck>;

export interface Heard {
  refusal: GatewayError | null;
  /** The texts, as they may go on. */
  texts: readonly string[];
  /** A check found something, whatever is done about it. */
  found: string | null;
  /** Whose model is to be asked once more, and why; null = nobody's. Of these texts alone: others may be asked about meanwhile. */
  retry: GuardRun['retry'];
}

export interface Asking {
  call: Call;
  run: GuardRun;
  checks: RemoteChecks;
  at: GuardrailOutcome['at'];
  /** The request's own words, with an answer. */
  prompt: string;
  signal: AbortSignal;
  /** Asked of every check that answered or did not. */
  asked(type: RemoteCheckType, outcome: 'pass' | 'found' | 'failed', ms: number): void;
  /** A check gave no verdict, though its call still waited for it. */
  failed(guardrail: GuardrailConfig, type: RemoteCheckType, cause: unknown): void;
  now(): number;
}

/** One guardrail's checks, all at once. Never rejects. */
export async function askRemote(
  guard: Guard,
  texts: readonly string[],
  asking: Asking,
  images: readonly string[] = [],
): Promise<Heard> {
  const heard: Heard = { refusal: null, texts, found: null, retry: null };
  const blank = texts.every((text) => text.trim() === '');
  if (blank && !(guard.seesImages && images.length > 0)) return heard;
  const { run, at } = asking;
  const verdicts = await Promise.all(
    guard.remote.map(async (check): Promise<RemoteVerdict | Error> => {
      const from = asking.now();
      // Held to be remote where the guardrail was compiled.
      const type = check.type as RemoteCheckType;
      try {
        const verdict = await askOne(guard, check, texts, images, asking);
        asking.asked(type, verdict.kind === 'pass' ? 'pass' : 'found', asking.now() - from);
        return verdict;
      } catch (cause) {
        asking.asked(type, 'failed', asking.now() - from);
        if (!asking.signal.aborted) asking.failed(guard.config, type, cause);
        return cause instanceof Error ? cause : new Error('no verdict');
      }
    }),
  );
  for (const verdict of verdicts) {
    if (verdict instanceof Error) heard.refusal ??= run.failed(guard, at, verdict);
    else if (verdict.kind !== 'pass') weigh(guard, verdict, heard, asking);
  }
  return heard;
}

function askOne(
  guard: Guard,
  check: CheckConfig,
  texts: readonly string[],
  images: readonly string[],
  { call, checks, at, prompt, signal }: Asking,
): Promise<RemoteVerdict> {
  const { timeoutMs } = guard.config;
  const ask = checks.get(check);
  if (ask === undefined) return Promise.reject(new Error('no such check'));
  const limit = AbortSignal.any([signal, abortBehindTurns(timeoutMs)]);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(new Error('timeout')), { once: true });
  });
  return Promise.race([ask({ side: at, texts, images, prompt, call, signal: limit, timeoutMs }), late]);
}

function weigh(guard: Guard, verdict: RemoteVerdict, heard: Heard, { run, at }: Asking): void {
  const { action } = guard.config;
  heard.found ??= verdict.kind === 'block' ? verdict.reason : 'what it looks for';
  if (action === 'redact' && verdict.kind !== 'block') {
    heard.texts = verdict.kind === 'replace' ? verdict.texts : replaced(guard, verdict, heard.texts, run, at);
    run.note(guard, at, 'mask');
  } else if (action === 'block' || action === 'redact') heard.refusal ??= run.refused(guard, at);
  else {
    // A request is none that could be asked for again.
    if (action === 'retry' && at === 'answer') heard.retry ??= { guard, reason: heard.found };
    run.note(guard, at, 'flag');
  }
}

function replaced(
  guard: Guard,
  verdict: RemoteVerdict,
  texts: readonly string[],
  run: GuardRun,
  at: GuardrailOutcome['at'],
): string[] {
  const places = verdict.kind === 'places' ? verdict.places : [];
  const name = (label: string, value: string): string =>
    guard.reversible && at === 'request' ? run.placeholders.of(label, value) : `[${label}]`;
  return texts.map((text, index) => putIn(text, places[index] ?? [], name));
}

/** Of places that overlap the first counts. Places out of the text are none. */
function putIn(
  text: string,
  places: readonly Place[],
  name: (label: string, value: string) => string,
): string {
  let out = '';
  let from = 0;
  for (const { start, end, label } of [...places].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start < from || end > text.length || end <= start) continue;
    const plain =
      label
        .toUpperCase()
        .replace(/[^A-Z]+/g, '_')
        .replace(/^_+|_+$/g, '')
        .slice(0, 24) || 'DATA';
    out += text.slice(from, start) + name(plain, text.slice(start, end));
    from = end;
  }
  return out + text.slice(from);
}
