// `data:<media type>[;base64],<data>` as OpenAI clients send images and files.

export interface DataUrl {
  /** Without parameters, lower-case; '' when the URL names none. */
  mediaType: string;
  /** Base64. */
  data: string;
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Takes a data URL apart; null when `url` is not a valid one. Only the head is looked at twice: the data may be large. */
export function parseDataUrl(url: string): DataUrl | null {
  if (!/^data:/i.test(url)) return null;
  const comma = url.indexOf(',');
  if (comma < 0) return null;
  const [mediaType = '', ...parameters] = url.slice(5, comma).split(';');
  const data = url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  const encoded = isBase64 ? data : percentDecoded(data);
  if (encoded === null || !BASE64.test(encoded)) return null;
  return { mediaType: mediaType.trim().toLowerCase(), data: encoded };
}

function percentDecoded(data: string): string | null {
  try {
    return Buffer.from(decodeURIComponent(data), 'utf8').toString('base64');
  } catch {
    return null;
  }
}

/** The data URL of base64 data. */
export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}
