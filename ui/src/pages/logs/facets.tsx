// Values of the fields with how many calls have them; a click filters by one, another takes it away.
import { useState } from 'preact/hooks';
import { FACETS, type FacetValue } from '../../api/logs.ts';
import { query, setQuery } from '../../app/router.ts';
import { short } from '../../format/number.ts';

const SHOWN = 6;

export function Facets({ facets }: { facets: Readonly<Record<string, readonly FacetValue[]>> }) {
  const params = query.value;
  return (
    <>
      {FACETS.map(([field, title]) => {
        const chosen = valuesOf(params.get(field));
        const known = facets[field] ?? [];
        // What is chosen stays in sight, also where nothing fits it now.
        const missing = chosen
          .filter((value) => !known.some((one) => one.value === value))
          .map((value) => ({ value, count: 0 }));
        const values = [...known, ...missing];
        if (values.length === 0 || (values.length === 1 && values[0]!.value === '' && chosen.length === 0))
          return null;
        return <Facet key={field} field={field} title={title} values={values} chosen={chosen} />;
      })}
    </>
  );
}

interface FacetProps {
  field: string;
  title: string;
  values: readonly FacetValue[];
  chosen: readonly string[];
}

function Facet({ field, title, values, chosen }: FacetProps) {
  const [all, showAll] = useState(false);
  const shown = all ? values : values.slice(0, SHOWN);
  const toggle = (value: string): void => {
    const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    // An empty value alone is a filter, too, which an empty parameter would not be.
    setQuery({ [field]: next.length === 0 ? null : next.join(',') || ',' });
  };
  return (
    <fieldset class="facet">
      <legend>{title}</legend>
      {shown.map(({ value, count }) => (
        <label key={value} class={chosen.includes(value) ? 'on' : ''}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
          <span class={`clip${value === '' ? ' muted' : ''}`} title={value}>
            {value === '' ? 'none' : value}
          </span>
          <span class="num muted">{short(count)}</span>
        </label>
      ))}
      {values.length > SHOWN && (
        <button type="button" class="link small" onClick={() => showAll(!all)}>
          {all ? 'Fewer' : `${values.length - SHOWN} more`}
        </button>
      )}
    </fieldset>
  );
}

/** Of a parameter with several values; `,` alone is the empty one. */
export function valuesOf(param: string | null): readonly string[] {
  if (param === null) return [];
  return param === ',' ? [''] : param.split(',');
}
