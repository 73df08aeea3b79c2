// `data:<media type>[;base64],<data>` as OpenAI clients send images and files.
import { standardBase64, trueMediaType } from './media-bytes.ts';

export interface DataUrl {
  /** Without parameters, lower-case, and as the bytes tell where they do; '' when nothing names one. */
  mediaType: string;
  /** Standard base64. */
  data: string;
  /** The bytes are of another type than the URL says. */
  misnamed: boolean;
}

/** Takes a data URL apart; null when `url` is not a valid one. Only the head is looked at twice: the data may be large. */
export function parseDataUrl(url: string): DataUrl | null {
  if (!/^data:/i.test(url)) return null;
  const comma = url.indexOf(',');
  if (comma < 0) return null;
  const [name = '', ...parameters] = url.slice(5, comma).split(';');
  const named = name.trim().toLowerCase();
  const text = url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  if (!isBase64) return unmarked(named, text);
  const data = standardBase64(text);
  return data === null ? null : typed(named, data);
}

function typed(named: string, data: string): DataUrl {
  const mediaType = trueMediaType(named, data);
  return { mediaType, data, misnamed: mediaType !== named };
}

// Without the mark it is text, such as SVG; but some forget the mark.
function unmarked(named: string, text: string): DataUrl | null {
  const bytes = standardBase64(text);
  if (bytes !== null && trueMediaType('', bytes) !== '') return typed(named, bytes);
  try {
    return typed(named, Buffer.from(decodeURIComponent(text), 'utf8').toString('base64'));
  } catch {
    return null;
  }
}

/** The data URL of base64 data. */
export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}
