import { partsOf } from '../display-text.ts';

/** Untrusted text: isolated from its surroundings, with invisible and reordering characters made visible. */
export function ForeignText({ value, ltr = false }: { value: string; ltr?: boolean }) {
  return (
    <bdi {...(ltr && { dir: 'ltr' as const })}>
      {partsOf(value).map((part) =>
        'text' in part ? (
          part.text
        ) : (
          <span class="code-point" title="An invisible or reordering character">
            {part.codePoint}
          </span>
        ),
      )}
    </bdi>
  );
}

type Address = { type: string; target: string; target_name?: string };

/** A caller or destination: its name, if it has one, and its number. */
export function AddressText({ address }: { address: Address | null | undefined }) {
  if (address === null || address === undefined) return <span class="muted">none</span>;
  const { type, target, target_name = '' } = address;
  return (
    <span class="address">
      {target_name !== '' && (
        <>
          <ForeignText value={target_name} />{' '}
        </>
      )}
      <span class="number">
        {type !== 'tel' && (
          <span class="muted">
            <ForeignText value={type} />:
          </span>
        )}
        <ForeignText value={target} ltr />
      </span>
    </span>
  );
}
