// Who reads an answer of a path that belongs to no vendor (`/v1/models`, a route that does not exist): by what only one
// vendor's clients send. A path of a vendor's is always answered in that vendor's shape.
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { HeaderBag } from '../../contracts/headers.ts';

/**
 * AWS's SDKs number each call; Anthropic's always say their API version, Google's show their key in a header of its own or say what they are, as Cohere's
 * do. Calls by hand show their key as the vendor takes it, and nowhere else.
 */
export function callerDialect(headers: HeaderBag): DialectName {
  if (isOfAws(headers)) return 'bedrock';
  if (headers.get('anthropic-version') !== undefined || headers.get('anthropic-beta') !== undefined)
    return 'anthropic';
  if (headers.get('x-goog-api-client') !== undefined) return 'gemini';
  // `cohere` from Python and Go, `cohere-ai` from JavaScript.
  if (headers.get('x-fern-sdk-name')?.startsWith('cohere') === true) return 'cohere';
  if (headers.get('authorization') !== undefined) return 'openai-chat';
  if (headers.get('x-api-key') !== undefined) return 'anthropic';
  return headers.get('x-goog-api-key') !== undefined ? 'gemini' : 'openai-chat';
}

/** Whether it is one of AWS's SDKs: they number each call. A signature alone is no SDK's. */
export function isOfAws(headers: HeaderBag): boolean {
  return headers.get('amz-sdk-invocation-id') !== undefined;
}
