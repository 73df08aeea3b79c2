// What a base URL must be. Checked when the configuration loads, so that no call finds out.

/** Why `text` cannot be a base URL, without repeating it; null if it can. */
export function baseUrlFault(text: string): string | null {
  const example = 'such as http://127.0.0.1:8000/v1';
  if (/[\s\\]/.test(text)) return `expected a base URL ${example}, got text with white space or a backslash`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return `expected a base URL ${example}, got other text`;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'a base URL must begin with http:// or https://';
  if (url.username !== '' || url.password !== '')
    return 'a base URL must not contain a user name or password';
  const route = /\/(chat\/completions|completions|embeddings|responses|messages)\/*$/.exec(url.pathname)?.[1];
  if (route !== undefined)
    return `a base URL ends before the route: leave /${route} out, each call adds its own`;
  if (text.includes('#')) return 'a base URL must have no fragment';
  return null;
}

/** A base URL without slashes at the end of its path; its query (`?api-version=…`) goes with every request. */
export function plainBaseUrl(url: string): string {
  const [place, query] = url.split(/\?(.*)/s) as [string, string?];
  const path = place.replace(/\/+$/, '');
  return query === undefined || query === '' ? path : `${path}?${query}`;
}

/** For people: what may be a secret in its query is left out. */
export function shownBaseUrl(url: string): string {
  return url.replace(/([?&][^=&]*(?:key|token|secret|sig|code|password)[^=&]*=)[^&]*/gi, '$1…');
}
