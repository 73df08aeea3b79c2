// Where batch jobs of a provider leave their answers, where the file says that they may be read.
import { regionOfHost } from '../aws/place.ts';
import type { Spoken } from '../contracts/provider.ts';
import { baseUrlFault, plainBaseUrl } from './base-url.ts';
import type { BuildContext } from './build-context.ts';
import type { ProviderEntry } from './schema/provider.ts';

const CLOUD_STORAGE = 'https://storage.googleapis.com';

/** Of a provider that is built otherwise. @param url its base URL, without fault. @param region that requests to it are signed for. */
export function buildStorage(
  name: string,
  stated: ProviderEntry['batchStorage'],
  speaks: readonly Spoken[],
  url: string,
  region: string,
  context: BuildContext,
): { batchStorage?: string } {
  if (stated === undefined || stated === false) return {};
  const path = ['providers', name, 'batchStorage'];
  const isAws = speaks.some(({ auth }) => auth.kind === 'aws');
  if (!isAws && !speaks.some(({ hosted }) => hosted === 'vertex')) {
    context.report(path, 'only batch jobs of Bedrock and Vertex AI leave their answers in storage');
    return {};
  }
  if (stated === true)
    return { batchStorage: isAws ? s3At(regionOfHost(new URL(url).hostname) ?? region) : CLOUD_STORAGE };
  const fault = baseUrlFault(stated) ?? (stated.includes('?') ? 'expected an address without a query' : null);
  if (fault !== null) context.report(path, fault);
  return fault === null ? { batchStorage: plainBaseUrl(stated) } : {};
}

/** Of China and of Europe's own cloud as well. */
function s3At(region: string): string {
  const ending = region.startsWith('cn-') ? 'com.cn' : region.startsWith('eusc-') ? 'eu' : 'com';
  return `https://s3.${region}.amazonaws.${ending}`;
}
