// When a limit of a provider that is used up is free again, from its rate-limit headers (wire.md 11.3): durations at
// OpenAI and those that follow it, dates at Anthropic. Only limits with nothing left count: the others' resets say when
// they will be full, not when a call may come.

const REMAINING = /^(?:x-ratelimit-remaining-(.+)|anthropic-ratelimit-(.+)-remaining)$/;
/** `6m0s`, `1h2m3.5s`, `120ms`. */
const DURATION = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
/** What is further away is no duration but, for instance, a date in seconds. */
const LONGEST_MS = 86_400_000;

/** Whether some limit has nothing left; null when the headers do not say what is left. */
export function limitIsSpent(headers: Record<string, string>): boolean | null {
  let said = false;
  for (const name in headers) {
    if (!REMAINING.test(name)) continue;
    if (isZero(headers[name]!)) return true;
    said = true;
  }
  return said ? false : null;
}

/** ms until every limit that has nothing left is free again; null when none says so. @param nowMs wall clock. */
export function limitResetMs(headers: Record<string, string>, nowMs?: number): number | null {
  let longest: number | null = null;
  for (const name in headers) {
    const found = REMAINING.exec(name);
    if (found === null || !isZero(headers[name]!)) continue;
    const text =
      headers[
        found[1] === undefined ? `anthropic-ratelimit-${found[2]}-reset` : `x-ratelimit-reset-${found[1]}`
      ];
    const ms = text === undefined ? null : resetMs(text.trim(), nowMs);
    if (ms !== null && (longest === null || ms > longest)) longest = ms;
  }
  return longest;
}

function isZero(text: string): boolean {
  return /^\s*0+(\.0+)?\s*$/.test(text);
}

function resetMs(text: string, nowMs: number | undefined): number | null {
  if (text === '') return null;
  const parts = DURATION.exec(text);
  let ms: number;
  if (/^\d+(\.\d+)?$/.test(text)) ms = Number(text) * 1000;
  else if (parts !== null) {
    const [days, hours, minutes, seconds, millis] = parts.slice(1).map((part) => Number(part ?? 0));
    ms = (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000 + millis!;
  } else {
    const date = nowMs === undefined ? Number.NaN : Date.parse(text);
    if (Number.isNaN(date)) return null;
    ms = date - nowMs!;
  }
  return ms > 0 && ms <= LONGEST_MS ? ms : null;
}
