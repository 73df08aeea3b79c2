// The request that a prompt makes.

export interface Prompt {
  readonly system: string;
  readonly text: string;
  readonly maxTokens: string;
  readonly temperature: string;
  /** JSON; '' = none. */
  readonly tools: string;
  /** `data:` addresses. */
  readonly images: readonly string[];
}

/** Body of a chat request. @throws SyntaxError for tools that are no JSON */
export function bodyOf(model: string, prompt: Prompt): Record<string, unknown> {
  const { system, text, maxTokens, temperature, tools, images } = prompt;
  const content =
    images.length === 0
      ? text
      : [{ type: 'text', text }, ...images.map((url) => ({ type: 'image_url', image_url: { url } }))];
  return {
    model,
    messages: [
      ...(system.trim() === '' ? [] : [{ role: 'system', content: system }]),
      { role: 'user', content },
    ],
    stream: true,
    stream_options: { include_usage: true },
    ...(maxTokens.trim() === '' ? {} : { max_tokens: Number(maxTokens) }),
    ...(temperature.trim() === '' ? {} : { temperature: Number(temperature) }),
    ...(tools.trim() === '' ? {} : { tools: JSON.parse(tools) as unknown }),
  };
}
