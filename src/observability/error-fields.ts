// An error as a log line shows it: its kind, code, blame and stack frames, and never what a client or upstream wrote.
import { GatewayError } from '../contracts/errors.ts';
import { withPlaces } from './frame-places.ts';

/** Longest cause chain and stack worth a line; lines stay below the 4 KB that a shared pipe writes whole. */
const MAX_CAUSES = 3;
const MAX_FRAMES = 12;
const MAX_MESSAGE = 300;

/** Serialises whatever was thrown for the log. */
export function errorFields(thrown: unknown, depth = 0): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const fields: Record<string, unknown> = { type: thrown.name };
  const message = safeMessage(thrown);
  if (message !== null) fields['message'] = message.slice(0, MAX_MESSAGE);
  if (thrown instanceof GatewayError) {
    fields['code'] = thrown.code;
    fields['source'] = thrown.source;
    fields['status'] = thrown.status;
    fields['errorType'] = thrown.errorType;
    if (thrown.param !== null) fields['param'] = thrown.param.slice(0, MAX_MESSAGE);
    if (thrown.fault !== null) {
      fields['fault'] = { status: thrown.fault.status, type: thrown.fault.type, code: thrown.fault.code };
    }
  } else if ('code' in thrown && typeof thrown.code === 'string') {
    fields['code'] = thrown.code;
  }
  // Only the frames: the head of a stack repeats the message.
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (frames.length > 0) {
    const shown = frames.slice(0, MAX_FRAMES).map((line) => line.trim());
    fields['stack'] = withPlaces(shown.join('\n')).split('\n');
  }
  if (thrown.cause !== undefined && depth < MAX_CAUSES) {
    fields['cause'] = errorFields(thrown.cause, depth + 1);
  }
  return fields;
}

/** Null where the message may quote a body: V8 cites the text it could not parse, vendors cite the prompt. */
function safeMessage(error: Error): string | null {
  if (error instanceof SyntaxError) return null;
  if (error instanceof GatewayError && error.fault !== null) return null;
  return error.message;
}
