// The region and service of an AWS endpoint.
import type { AwsPlace } from './signer.ts';

/** `bedrock-runtime.eu-west-1.amazonaws.com` and its sisters, also FIPS, China's and Europe's own; a private endpoint stands before the same. */
const RUNTIME =
  /(?:^|\.)(bedrock(?:-runtime|-agent-runtime|-agent)?(?:-fips)?)\.([a-z]{2,4}(?:-[a-z]+)+-\d)\.(?:vpce\.)?amazonaws\.(?:com(?:\.cn)?|eu)$/;
const MANTLE = /(?:^|\.)bedrock-mantle\.([a-z]{2,4}(?:-[a-z]+)+-\d)\.api\.aws$/;

/** Region that the host's name says; null = it says none. */
export function regionOfHost(hostname: string): string | null {
  return RUNTIME.exec(hostname)?.[2] ?? MANTLE.exec(hostname)?.[1] ?? null;
}

/** @param region for a host whose name says none. */
export function placeOf(baseUrl: string, region: string): AwsPlace {
  const { host, hostname, pathname, search } = new URL(baseUrl);
  return {
    host,
    prefix: pathname.replace(/\/+$/, ''),
    query: search.slice(1),
    region: regionOfHost(hostname) ?? region,
    service: MANTLE.test(hostname) ? 'bedrock-mantle' : 'bedrock',
  };
}
