// What the URL of a forward proxy must be. As in other programs, one without a scheme means http.

/** @returns the URL whole, or why `text` cannot be one, without repeating it. */
export function readProxyUrl(text: string): { url: string } | { fault: string } {
  const trimmed = text.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  const expected = 'expected the URL of a proxy such as http://proxy.example:3128';
  let url: URL;
  try {
    url = new URL(whole);
  } catch {
    return { fault: `${expected}, got other text` };
  }
  if (/^socks/i.test(url.protocol))
    return { fault: 'SOCKS proxies are not supported, only http:// and https://' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { fault: 'the URL of a proxy must begin with http:// or https://' };
  if (!/^\/*$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    return { fault: `${expected}: no path, query or fragment` };
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return { fault: 'a % in user or password of the proxy must be written %25' };
  }
  return { url: url.href.replace(/\/+$/, '') };
}
