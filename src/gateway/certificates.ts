// Certificates of callers under one configuration.
import { buildHolder } from '../config/holders.ts';
import type { CertificateCallers } from '../contracts/client-certificate.ts';
import type { Config } from '../contracts/config.ts';
import type { Directory } from '../contracts/directory.ts';
import { createCertificateCallers } from '../governance/certificate-callers.ts';

/** Null: it takes none. */
export function certificatesOf({ mtls }: Config, directory: Directory): CertificateCallers | null {
  if (mtls === undefined) return null;
  return createCertificateCallers(mtls.rules, {
    holderOf(said, policy) {
      let whole = true;
      const report = (): void => {
        whole = false;
      };
      const holder = buildHolder({ ...policy, ...said }, mtls.groups, [], { report });
      return whole ? holder : null;
    },
    named: (name) => directory.named(name),
  });
}
