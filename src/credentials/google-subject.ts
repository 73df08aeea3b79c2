// What a workload shows of itself for one of Google's tokens (workload identity federation): the token of a file, of a URL or of a
// program, or a request to AWS that is signed and that Google makes.
import type { JsonObject } from '../contracts/json.ts';
import { stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';
import { awsStatement } from './aws-statement.ts';
import { accountIn, read } from './credentials-file.ts';
import { tokenOfProgram } from './google-program.ts';
import { askForText, CredentialFault, type ObtainContext, textOf } from './token-request.ts';

/** @param account of type `external_account`. @throws CredentialFault */
export async function subjectToken(account: JsonObject, context: ObtainContext): Promise<string> {
  const source = account.credential_source;
  if (!isObject(source)) throw new CredentialFault('`credential_source` is missing');
  if (typeof source.environment_id === 'string')
    return awsStatement(source, textOf(account, 'audience'), context);
  if (isObject(source.executable)) return tokenOfProgram(source.executable, account, context);
  const file = stringAt(source, 'file');
  const url = stringAt(source, 'url');
  if (file === null && url === null)
    throw new CredentialFault(
      'workload identity is taken from a `file`, a `url`, an `executable` or AWS (`environment_id`); certificates are not',
    );
  const headers = isObject(source.headers)
    ? Object.fromEntries(Object.entries(source.headers).map(([name, value]) => [name, String(value)]))
    : {};
  const text = file === null ? await askForText({ url: url!, headers }, context.signal) : await read(file);
  const { format } = source;
  if (!isObject(format) || format.type !== 'json') return text.trim();
  return textOf(
    accountIn(text, 'the workload’s token'),
    stringAt(format, 'subject_token_field_name') ?? 'access_token',
  );
}
