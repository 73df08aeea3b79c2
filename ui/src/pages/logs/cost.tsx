// What it used and what that cost.
import type { Charge, LogRow } from '../../api/logs.ts';
import { exactMoney, money } from '../../format/money.ts';
import { whole } from '../../format/number.ts';
import { span } from '../../format/time.ts';
import { Time } from '../../parts/time.tsx';

export function Cost({ call, charges }: { call: LogRow; charges: readonly Charge[] }) {
  const used: readonly (readonly [string, number | null | undefined, string])[] = [
    ['input, cached included', call.inputTokens, 'tok'],
    ['read from a prompt cache', call.cacheReadTokens, 'tok'],
    ['written to a prompt cache', call.cacheWriteTokens, 'tok'],
    ['output, reasoning included', call.outputTokens, 'tok'],
    ['reasoning', call.reasoningTokens, 'tok'],
    ['audio in', call.audioInputTokens, 'tok'],
    ['audio out', call.audioOutputTokens, 'tok'],
    ['pictures in', call.imageInputTokens, 'tok'],
    ['pictures out', call.imageOutputTokens, 'tok'],
    ['films in', call.videoInputTokens, 'tok'],
    ['characters', call.characters, ''],
    ['sound', call.seconds, 's'],
    ['searches', call.searches, ''],
    ['searches of the web', call.webSearches, ''],
    ['pages', call.pages, ''],
  ];
  const shown = used.filter(([, value]) => value != null && value > 0);
  return (
    <section class="grid2">
      <div>
        <h3>Used</h3>
        {shown.length === 0 ? (
          <p class="muted">Nothing that is counted.</p>
        ) : (
          <dl class="facts">
            {shown.map(([name, value, unit]) => (
              <div key={name} class="fact">
                <dt>{name}</dt>
                <dd class="num">
                  {whole(value)} {unit}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      <div>
        <h3>Cost</h3>
        <dl class="facts">
          {charges.map(({ attempt, provider, upstreamModel, costNano, priceVersion, recalculatedAt }) => (
            <div key={attempt} class="fact">
              <dt>
                attempt {attempt}, {provider} {upstreamModel}
                <br />
                <span class="small">
                  {priceVersion === '' ? 'no price is known' : `price of ${priceVersion}`}
                  {recalculatedAt !== null && (
                    <>
                      , anew <Time at={recalculatedAt} />
                    </>
                  )}
                </span>
              </dt>
              <dd class="num" title={exactMoney(costNano)}>
                {money(costNano)}
              </dd>
            </div>
          ))}
          {charges.length === 0 && call.costNano === null && call.attempts === 0 && (
            <div class="fact">
              <dt>no provider was asked</dt>
              <dd class="num">–</dd>
            </div>
          )}
          {charges.length === 0 && (call.costNano !== null || call.attempts > 0) && (
            <div class="fact">
              <dt>{call.priceVersion === '' ? 'no price is known' : `price of ${call.priceVersion}`}</dt>
              <dd class="num" title={exactMoney(call.costNano)}>
                {money(call.costNano)}
              </dd>
            </div>
          )}
          {call.savedNano !== null && call.savedNano > 0 && (
            <div class="fact">
              <dt>saved by the cache</dt>
              <dd class="num">{money(call.savedNano)}</dd>
            </div>
          )}
          {call.savedMs !== null && call.savedMs > 0 && (
            <div class="fact">
              <dt>time saved by it</dt>
              <dd class="num">{span(call.savedMs)}</dd>
            </div>
          )}
        </dl>
      </div>
    </section>
  );
}
