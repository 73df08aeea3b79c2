// Fields of forms: label, what is expected, and what the API said about it.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Common {
  label: string;
  hint?: ComponentChildren;
  /** What is wrong with it; '' = nothing. */
  fault?: string;
  value: string;
  onValue: (value: string) => void;
}

export interface TextFieldProps extends Common {
  type?: 'text' | 'password' | 'email' | 'number' | 'url';
  placeholder?: string;
  autocomplete?: string;
  name?: string;
  required?: boolean;
  disabled?: boolean;
  mono?: boolean;
  /** Of numbers: `any` where they need not be whole. */
  step?: string;
  /** Offered while it is typed. */
  options?: readonly string[];
}

export function TextField({
  label,
  hint,
  fault = '',
  value,
  onValue,
  type = 'text',
  options,
  mono = false,
  ...rest
}: TextFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        // The types of a page's inputs differ in what else they take; these take the same.
        type={type as 'text'}
        class={mono ? 'mono' : ''}
        value={value}
        aria-invalid={fault !== ''}
        aria-describedby={`${id}-more`}
        list={options === undefined ? undefined : `${id}-list`}
        spellcheck={false}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
        {...rest}
      />
      {options !== undefined && (
        <datalist id={`${id}-list`}>
          {options.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      <More id={id} hint={hint} fault={fault} />
    </div>
  );
}

export function AreaField({
  label,
  hint,
  fault = '',
  value,
  onValue,
  rows = 4,
  mono = false,
  placeholder,
  onKeyDown,
}: Common & {
  rows?: number;
  mono?: boolean;
  placeholder?: string;
  onKeyDown?: (event: KeyboardEvent) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        class={mono ? 'mono' : ''}
        value={value}
        placeholder={placeholder}
        aria-invalid={fault !== ''}
        aria-describedby={`${id}-more`}
        spellcheck={!mono}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <More id={id} hint={hint} fault={fault} />
    </div>
  );
}

export function SelectField({
  label,
  hint,
  fault = '',
  value,
  onValue,
  options,
}: Common & { options: readonly (readonly [value: string, words: string])[] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={fault !== ''}
        aria-describedby={`${id}-more`}
        onChange={({ currentTarget }) => onValue(currentTarget.value)}
      >
        {options.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
      <More id={id} hint={hint} fault={fault} />
    </div>
  );
}

function More({ id, hint, fault }: { id: string; hint: ComponentChildren; fault: string }) {
  return (
    <div id={`${id}-more`} class="field-more">
      {fault !== '' && <p class="bad">{fault}</p>}
      {hint !== undefined && <p class="muted">{hint}</p>}
    </div>
  );
}
