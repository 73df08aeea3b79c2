// A new object, or another state of one: what will change is shown before it does, and nobody's change is lost.
import { useState } from 'preact/hooks';
import { call, get } from '../../api/client.ts';
import { changesOf } from '../../format/changes.ts';
import { Diff } from '../../parts/diff.tsx';
import { TextField } from '../../parts/field.tsx';
import { useForm } from '../../parts/form.ts';
import { FormDialog } from '../../parts/form-view.tsx';
import { toast } from '../../parts/toast.tsx';
import { FieldView } from './field-view.tsx';
import { FORM_FIELDS } from './fields.ts';
import { type Book, type Kind, type Managed, PLURAL } from './objects.ts';
import { bodyOf, type FormValues, hasManyLimits, valuesOf } from './values.ts';

export interface ObjectFormProps {
  kind: Kind;
  /** Null: a new one. */
  before: Managed | null;
  book: Book;
  close: () => void;
  done: (made: Managed) => void;
  /** What is known is old. */
  again: () => void;
}

export function ObjectForm({ kind, before: opened, book, close, done, again }: ObjectFormProps) {
  const fields = FORM_FIELDS[kind];
  const [before, setBefore] = useState(opened);
  const [fault, setFault] = useState('');
  const form = useForm<FormValues>(valuesOf(fields, before ?? {}), [
    'name',
    ...fields.map(({ name }) => name),
  ]);
  const body = bodyIn(fields, form.values, before);
  const changed = before === null || (body !== null && Object.keys(body).length > 0);
  const run = async (): Promise<void> => {
    setFault('');
    if (body === null) {
      setFault('A field is not valid JSON.');
      return;
    }
    if (before === null) {
      const { body: made } = await call<Managed>('POST', `/api/${PLURAL[kind]}`, { body });
      toast(`${made.name} is there.`);
      done(made);
      return;
    }
    const { body: made } = await call<Managed>('PATCH', `/api/${PLURAL[kind]}/${before.id}`, {
      body,
      ifMatch: `"${before.version}"`,
    });
    toast(`${made.name} is changed.`);
    done(made);
  };
  const conflict = form.problem?.code === 'version_conflict';
  /** What the other wrote becomes what is compared with; what was written here stays. */
  const takeTheirs = async (): Promise<void> => {
    if (before === null) return;
    setBefore(await get<Managed>(`/api/${PLURAL[kind]}/${before.id}`));
    again();
  };
  return (
    <FormDialog
      title={before === null ? `New ${kind}` : `Edit ${before.name}`}
      close={close}
      wide
      form={form}
      run={run}
      act={before === null ? 'Make it' : 'Save'}
      unready={!changed}
      more={
        conflict && (
          <button
            type="button"
            onClick={() =>
              void takeTheirs().then(() => toast('Compared with their state now. Save writes yours over it.'))
            }
          >
            Compare with theirs
          </button>
        )
      }
    >
      <TextField label="Name" {...form.field('name')} hint="Letters, digits, . _ @ and -" required />
      <div class="fields two">
        {fields.map((field) => (
          <FieldView
            key={field.name}
            field={field}
            form={form}
            book={book}
            fixed={before !== null && field.kind === 'limits' && hasManyLimits(before)}
          />
        ))}
      </div>
      {before !== null && changed && body !== null && (
        <details>
          <summary>What will change ({changesOf(pick(before, body), body).length})</summary>
          <Diff before={pick(before, body)} after={body} />
        </details>
      )}
      {fault !== '' && (
        <p class="bad" role="alert">
          {fault}
        </p>
      )}
    </FormDialog>
  );
}

function bodyIn(...args: Parameters<typeof bodyOf>): Record<string, unknown> | null {
  try {
    return bodyOf(...args);
  } catch {
    return null;
  }
}

function pick(object: Managed, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(body).map((name) => [name, object[name] ?? null]));
}
