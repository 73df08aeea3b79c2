// Who and what: every value leads to the calls that share it.
import type { LogRow } from '../../api/logs.ts';
import { Link } from '../../app/link.tsx';
import { placeOf } from '../../app/router.ts';
import { bytes, rate, whole } from '../../format/number.ts';
import { clock, utc } from '../../format/time.ts';

const WHO = ['key', 'organization', 'team', 'user', 'customer', 'project', 'session', 'parent'] as const;
const WHAT = [
  'operation',
  'requestedModel',
  'model',
  'provider',
  'upstreamModel',
  'keyAlias',
  'status',
  'stop',
] as const;
const NAMES: Readonly<Record<string, string>> = {
  requestedModel: 'model asked for',
  upstreamModel: 'model at the provider',
  keyAlias: 'provider’s key',
  parent: 'made for',
};

export function CallFacts({ call }: { call: LogRow }) {
  return (
    <section class="grid2">
      <div>
        <h3>Who</h3>
        <dl class="facts">
          {WHO.filter((name) => call[name] !== '').map((name) => (
            <Value key={name} name={name} value={String(call[name])} />
          ))}
          {call.tags.map((tag) => (
            <Value key={tag} name="tag" value={tag} />
          ))}
          <dt>ended</dt>
          <dd title={utc(call.at)}>{clock(call.at)}</dd>
          <dt>worker</dt>
          <dd>
            {call.node} · {call.worker}
          </dd>
        </dl>
      </div>
      <div>
        <h3>What</h3>
        <dl class="facts">
          {WHAT.filter((name) => call[name] !== '').map((name) => (
            <Value key={name} name={name} value={String(call[name])} />
          ))}
          <dt>dialect</dt>
          <dd>
            {call.dialect}
            {call.translated && ', translated'}
            {call.stream && ', streamed'}
          </dd>
          <dt>speed</dt>
          <dd>{rate(call.tokensPerSecond, 'tok')}</dd>
          <dt>bytes in, out</dt>
          <dd>
            {bytes(call.bytesIn)} · {bytes(call.bytesOut)}
          </dd>
          {call.cache !== '' && (
            <>
              <dt>cache</dt>
              <dd>
                {call.cache} {call.cacheType}{' '}
                {call.similarity === null ? '' : `similarity ${call.similarity}`}
              </dd>
            </>
          )}
          {call.guardrails.length > 0 && (
            <>
              <dt>guardrails</dt>
              <dd>
                {call.guardrails.map(({ name, at, action }) => (
                  <div key={`${name} ${at} ${action}`}>
                    <Link
                      to={placeOf('/logs', { guardrail: `${name}:${at}:${action}` })}
                      title="More like this"
                    >
                      {name} {at} {action}
                    </Link>
                  </div>
                ))}
              </dd>
            </>
          )}
          {call.dropped.length > 0 && (
            <>
              <dt>left out</dt>
              <dd>{call.dropped.join(', ')}</dd>
            </>
          )}
          {call.adapted.length > 0 && (
            <>
              <dt>changed</dt>
              <dd>{call.adapted.join(', ')}</dd>
            </>
          )}
          {call.images !== null && call.images > 0 && (
            <>
              <dt>images</dt>
              <dd>{whole(call.images)}</dd>
            </>
          )}
        </dl>
      </div>
    </section>
  );
}

function Value({ name, value }: { name: string; value: string }) {
  const filter = name === 'parent' ? 'call' : name;
  return (
    <>
      <dt>{NAMES[name] ?? name}</dt>
      <dd>
        <Link to={placeOf('/logs', { [filter]: value })} title="More like this">
          {value}
        </Link>
      </dd>
    </>
  );
}
