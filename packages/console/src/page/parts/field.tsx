import type { Provider } from '@provider-call/client';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { providerName } from '../api.ts';
import { plainText } from '../display-text.ts';

type FieldProps = {
  label: string;
  /** Below the field. */
  hint?: ComponentChildren;
  problem?: string | undefined;
};

type ControlAttributes = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean };

/** A one-line text field. */
export function TextField({
  value,
  onValue,
  input = {},
  ...field
}: FieldProps & {
  value: string;
  onValue: (value: string) => void;
  input?: { class?: string; inputMode?: 'tel' };
}) {
  return (
    <Field {...field}>
      {(attributes) => (
        <input
          type="text"
          autoComplete="off"
          spellcheck={false}
          {...input}
          {...attributes}
          value={value}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A labelled form field with its hint and what is wrong with it. */
function Field({
  label,
  hint,
  problem,
  children,
}: FieldProps & { children: (attributes: ControlAttributes) => ComponentChildren }) {
  const id = useId();
  const describedBy = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(problem === undefined ? [] : [`${id}-problem`]),
  ];
  return (
    <div class={`field${problem === undefined ? '' : ' invalid'}`}>
      <label for={id}>{label}</label>
      {children({
        id,
        ...(describedBy.length > 0 && { 'aria-describedby': describedBy.join(' ') }),
        ...(problem !== undefined && { 'aria-invalid': true }),
      })}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p class="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}

/** A field whose text is not shown. */
export function PasswordField({
  value,
  onValue,
  ...field
}: FieldProps & { value: string; onValue: (value: string) => void }) {
  return (
    <Field {...field}>
      {(attributes) => (
        <input
          type="password"
          autoComplete="new-password"
          {...attributes}
          value={value}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A text field of several lines. */
export function TextArea({
  value,
  onValue,
  rows = 3,
  placeholder,
  ...field
}: FieldProps & { value: string; onValue: (value: string) => void; rows?: number; placeholder?: string }) {
  return (
    <Field {...field}>
      {(attributes) => (
        <textarea
          spellcheck={false}
          rows={rows}
          {...(placeholder !== undefined && { placeholder })}
          {...attributes}
          value={value}
          onInput={({ currentTarget }) => onValue(currentTarget.value)}
        />
      )}
    </Field>
  );
}

export type Option = { value: string; label: string };

/** A choice of one. */
export function SelectField({
  value,
  onValue,
  options,
  ...field
}: FieldProps & { value: string; onValue: (value: string) => void; options: readonly Option[] }) {
  return (
    <Field {...field}>
      {(attributes) => (
        <select {...attributes} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {plainText(option.label)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Returns providers as options. */
export function providerOptions(providers: readonly Provider[] | undefined): Option[] {
  return (providers ?? []).map((provider) => ({ value: provider.id, label: providerName(provider) }));
}
