// Instants and spans as people read them: the zone of the viewer, UTC on hover.

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** `14:03:07.120` of today, else with its day. @param at ms since 1970 */
export function clock(at: number, from: number = Date.now()): string {
  const date = new Date(at);
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
  return new Date(from).toDateString() === date.toDateString() ? time : `${day(at)} ${time}`;
}

/** `14:03:07` of today, else `3 Nov 14:03`: where there is little room. */
export function brief(at: number, from: number = Date.now()): string {
  return new Date(from).toDateString() === new Date(at).toDateString()
    ? clock(at, from).slice(0, 8)
    : when(at, from);
}

/** `3 Nov 14:03`, with the year where it is not this one. */
export function when(at: number, from: number = Date.now()): string {
  const date = new Date(at);
  const year = date.getFullYear() === new Date(from).getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${day(at)}${year} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export function day(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

/** For a title: the instant in UTC. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** `just now`, `4 min ago`, `in 3 d`. */
export function ago(at: number, from: number = Date.now()): string {
  const apart = from - at;
  const size = Math.abs(apart);
  if (size < 10_000) return 'just now';
  const text =
    size < MINUTE
      ? `${Math.round(size / 1_000)} s`
      : size < HOUR
        ? `${Math.round(size / MINUTE)} min`
        : size < 2 * DAY
          ? `${Math.round(size / HOUR)} h`
          : `${Math.round(size / DAY)} d`;
  return apart < 0 ? `in ${text}` : `${text} ago`;
}

/** 340 ms, 1.2 s, 2 min 5 s, 3 h 4 min, 6 d 2 h. @param ms null = not known */
export function span(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1) return ms <= 0 ? '0 ms' : `${ms.toPrecision(1)} ms`;
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${Number((ms / 1_000).toFixed(ms < 9_950 ? 2 : 1))} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', 1_000, 's');
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min');
  return two(ms, DAY, 'd', HOUR, 'h');
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const first = Math.floor(ms / large);
  const rest = Math.floor((ms - first * large) / small);
  return rest === 0 ? `${first} ${largeName}` : `${first} ${largeName} ${rest} ${smallName}`;
}

/** For an input of the type `datetime-local`. */
export function localInput(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Of such an input; null = none. */
export function fromLocal(text: string): number | null {
  const at = new Date(text).getTime();
  return text === '' || Number.isNaN(at) ? null : at;
}
