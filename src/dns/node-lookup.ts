// Our look-ups in the shape node's sockets take them: the `lookup` option of net.connect and tls.connect.
import type { LookupFunction } from 'node:net';
import type { Found, Names } from '../contracts/names.ts';

/** For clients that open their sockets themselves. */
export function nodeLookup(names: Names): LookupFunction {
  return (hostname, { all, family }, callback) => {
    const found = ({ addresses }: Found): void => {
      const fitting = addresses.filter((one) => fits(one.family, family));
      const [first] = fitting.length > 0 ? fitting : addresses;
      if (all === true) callback(null, [...(fitting.length > 0 ? fitting : addresses)]);
      else callback(null, first!.address, first!.family);
    };
    Promise.resolve()
      .then(() => names.find(hostname))
      .then(found, (cause: NodeJS.ErrnoException) => callback(cause, ''));
  };
}

function fits(family: 4 | 6, wanted: number | string | undefined): boolean {
  return wanted === undefined || wanted === 0 || wanted === family || wanted === `IPv${family}`;
}
