// Whether a run of load counts, and what must be known to read it.

/** Above this the generator of an open loop or of streams adds latency of its own. */
const BUSY_MOST = 0.8;
/** A closed loop keeps its generator busy by nature; above this it was the limit. */
const BUSY_LIMIT = 0.95;
/** Generator and mock on one core: above this together they were the limit. */
const CORE_FULL = 0.92;
/** A run so near to the mock's own ceiling says more about the mock. */
const CEILING_SHARE = 0.9;
const FAILED_MOST = 0.01;
const LATE_MOST_MICROS = 2_000;

export interface RunFacts {
  requests: number;
  failed: number;
  firstFault: string | null;
  perSecond: number;
  generatorBusy: number;
  mockBusy: number;
  /** Latency counts at its face value: open loop, and streams. */
  paced: boolean;
  /** Timer lateness of the generator, p99. */
  lateMicros: number;
  /** Generator and mock share a core. */
  sharedCore: boolean;
  /** The mock was told to fail, so failures are what is looked at. */
  failuresWanted: boolean;
  /** Requests per second of the mock called directly with the same kind of load; null where it says nothing. */
  ceilingPerSecond: number | null;
}

export interface Verdict {
  void: string | null;
  flag: string | null;
}

export function verdictOf(facts: RunFacts): Verdict {
  const flags = [
    facts.ceilingPerSecond !== null && facts.perSecond > facts.ceilingPerSecond * CEILING_SHARE
      ? `within 10 % of the mock's ceiling (${Math.round(facts.ceilingPerSecond)}/s)`
      : null,
    !facts.paced && facts.generatorBusy > BUSY_LIMIT
      ? `the generator was the limit (${percent(facts.generatorBusy)} of its core)`
      : null,
    facts.sharedCore && facts.generatorBusy + facts.mockBusy > CORE_FULL
      ? `the load's core was full (generator ${percent(facts.generatorBusy)}, mock ${percent(facts.mockBusy)})`
      : null,
    facts.mockBusy > BUSY_LIMIT ? `the mock was the limit (${percent(facts.mockBusy)} of its core)` : null,
    facts.lateMicros > LATE_MOST_MICROS
      ? `the generator released requests late (p99 ${(facts.lateMicros / 1000).toFixed(1)} ms)`
      : null,
  ].filter((flag) => flag !== null);
  return { void: voidReason(facts), flag: flags.length === 0 ? null : flags.join('; ') };
}

function voidReason(facts: RunFacts): string | null {
  const { requests, failed, firstFault, generatorBusy } = facts;
  if (facts.paced && generatorBusy > BUSY_MOST) {
    return `the generator used ${percent(generatorBusy)} of its core`;
  }
  if (facts.failuresWanted) return null;
  if (requests === 0) return `no answer came${firstFault === null ? '' : `: ${firstFault}`}`;
  if (failed > (requests + failed) * FAILED_MOST) {
    return `${failed} of ${requests + failed} failed: ${firstFault ?? 'unknown'}`;
  }
  return null;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
