import type { Customer } from './customers.ts';
import type { Address, Anonymous } from './records/address.ts';
import type { CallMetadata } from './records/call.ts';
import { Refusal } from './refusal.ts';

const refuse = (message: string) => new Refusal('INVALID_ARGUMENT', 'INVALID_ARGUMENT', message);

const permittedSource = (source: Address | null, customer: Customer): Address => {
  if (source !== null && source.type !== 'tel') return source;
  if (source?.target.startsWith('+') && customer.numbers.includes(source.target)) return source;
  if (customer.default_outgoing_number === null) {
    throw refuse('The source is not a number of this customer, and the customer has no default number.');
  }
  return { type: 'tel', target: customer.default_outgoing_number, target_name: '' };
};

type SourceRequest = {
  source: Address | null;
  destination: Address;
  anonymous: Anonymous;
  metadata: CallMetadata;
  customer: Customer;
};

/**
 * The source that a call shows: as it was given where its validation is skipped, otherwise a number that the customer
 * owns. A number that has to stay hidden is carried as a tel URI (RFC 3325), so without a number that can be
 * one the call is refused: it must neither show the number nor lose it.
 */
export function sourceFor({
  source,
  destination,
  anonymous,
  metadata,
  customer,
}: SourceRequest): Address | null {
  const shown = metadata.skip_source_validation === true ? source : permittedSource(source, customer);
  if (anonymous === 'yes' && destination.type === 'tel' && shown?.target.startsWith('+') !== true) {
    throw refuse('An anonymous call to a number needs a source that starts with "+".');
  }
  return shown;
}
