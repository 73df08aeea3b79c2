// One field of a form, by its kind.
import { AreaField, SelectField, TextField } from '../../parts/field.tsx';
import type { Form } from '../../parts/form.ts';
import type { FormField } from './fields.ts';
import { type Book, listOf } from './objects.ts';
import type { FormValues } from './values.ts';

export interface FieldViewProps {
  field: FormField;
  form: Form<FormValues>;
  book: Book;
  /** It has more than a form can show. */
  fixed: boolean;
}

export function FieldView({ field, form, book, fixed }: FieldViewProps) {
  const { name, label, kind, hint, to, choices = [] } = field;
  const value = form.values[name] ?? '';
  const common = { label, ...form.field(name), ...(hint === undefined ? {} : { hint }) };
  switch (kind) {
    case 'reference':
      return (
        <SelectField
          {...common}
          options={[
            ['', 'none'],
            ...listOf(book, to!)
              .filter(({ managed }) => managed === 'db')
              .map((one) => [one.id, one.name] as const),
          ]}
        />
      );
    case 'choice':
      return (
        <SelectField
          {...common}
          options={choices.map((one) => [one, one === '' ? 'as its team' : one] as const)}
        />
      );
    case 'flag':
      return (
        <label class="check">
          <input
            type="checkbox"
            checked={value === 'true'}
            onChange={({ currentTarget }) => form.set(name, currentTarget.checked ? 'true' : '')}
          />
          {label}
        </label>
      );
    case 'instant':
      return (
        <label class="field">
          <span>{label}</span>
          <input
            type="datetime-local"
            step="1"
            value={value}
            onInput={({ currentTarget }) => form.set(name, currentTarget.value)}
          />
          <span class="small muted">{form.fault(name) || hint}</span>
        </label>
      );
    case 'json':
      return <AreaField {...common} rows={2} mono />;
    case 'limits':
      return <Limits form={form} fixed={fixed} />;
    default:
      return <TextField {...common} mono={kind === 'list' || kind === 'budgets'} />;
  }
}

function Limits({ form, fixed }: { form: Form<FormValues>; fixed: boolean }) {
  if (fixed)
    return <p class="note small">It has several limits. They stay as they are; the API changes them.</p>;
  const part = (name: string, label: string, placeholder: string) => (
    <TextField label={label} {...form.field(`limits.${name}`)} placeholder={placeholder} mono />
  );
  return (
    <fieldset class="limit-fields">
      <legend>Limit</legend>
      {part('requests', 'Calls', '600/min')}
      {part('tokens', 'Tokens', '200000/min')}
      {part('concurrent', 'At once', '20')}
      {part('burst', 'Burst', '50')}
      {form.fault('limits') !== '' && <p class="bad small">{form.fault('limits')}</p>}
    </fieldset>
  );
}
