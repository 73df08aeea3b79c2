// One streamed chat call through the gateway, piece by piece.
import { readEvents } from './events.ts';
import { problemOf, recordOf } from './problem.ts';

export interface ChatPiece {
  readonly text?: string;
  readonly reasoning?: string;
  /** A call of a tool as it grows: its name or a part of its arguments. */
  readonly tool?: string;
  readonly usage?: { readonly input: number; readonly output: number };
  readonly stop?: string;
}

export interface ChatEnd {
  /** null = it went well. */
  readonly error: string | null;
  readonly status: number;
  readonly requestId: string;
}

/** Never rejects: what went wrong is in what it resolves with. */
export async function streamChat(
  body: unknown,
  key: string,
  signal: AbortSignal,
  take: (piece: ChatPiece) => void,
): Promise<ChatEnd> {
  let response: Response;
  try {
    response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
      signal,
    });
  } catch {
    return { error: signal.aborted ? 'Stopped.' : 'The gateway does not answer.', status: 0, requestId: '' };
  }
  const requestId = response.headers.get('x-request-id') ?? '';
  const { status } = response;
  if (!response.ok) {
    const answer: unknown = await response.json().catch(() => null);
    return { error: problemOf(status, answer, requestId).message, status, requestId };
  }
  let error: string | null = null;
  try {
    await readEvents(response, ({ data }) => {
      if (data === '[DONE]') return;
      const event: unknown = JSON.parse(data);
      const failure = recordOf(recordOf(event)?.['error']);
      if (failure !== null) error = String(failure['message']);
      for (const piece of piecesOf(event)) take(piece);
    });
  } catch {
    error = signal.aborted ? 'Stopped.' : 'The stream broke off.';
  }
  return { error, status, requestId };
}

/** Of one chunk of a chat stream. */
export function piecesOf(event: unknown): ChatPiece[] {
  const chunk = recordOf(event);
  const pieces: ChatPiece[] = [];
  const choices = Array.isArray(chunk?.['choices']) ? chunk['choices'] : [];
  for (const choice of choices.map(recordOf)) {
    const delta = recordOf(choice?.['delta']);
    const text = delta?.['content'];
    if (typeof text === 'string' && text !== '') pieces.push({ text });
    const reasoning = delta?.['reasoning_content'] ?? delta?.['reasoning'];
    if (typeof reasoning === 'string' && reasoning !== '') pieces.push({ reasoning });
    const tools = Array.isArray(delta?.['tool_calls']) ? delta['tool_calls'] : [];
    for (const tool of tools.map((one) => recordOf(recordOf(one)?.['function']))) {
      if (typeof tool?.['name'] === 'string' && tool['name'] !== '')
        pieces.push({ tool: `\n${tool['name']} ` });
      if (typeof tool?.['arguments'] === 'string' && tool['arguments'] !== '')
        pieces.push({ tool: tool['arguments'] });
    }
    if (typeof choice?.['finish_reason'] === 'string') pieces.push({ stop: choice['finish_reason'] });
  }
  const usage = recordOf(chunk?.['usage']);
  if (usage !== null)
    pieces.push({
      usage: { input: Number(usage['prompt_tokens'] ?? 0), output: Number(usage['completion_tokens'] ?? 0) },
    });
  return pieces;
}
