import { type Parameters, Scanner, scanParameters } from './scanner.ts';
import { checkUri } from './uri.ts';

export type NameAddress = {
  /** As written, including quotes; '' if there is none. */
  displayName: string;
  uri: string;
  parameters: Parameters;
};

const BRACKETED_PATTERN = /<[^<>\s"]*>/y;
// Outside brackets, a comma, question mark or semicolon would belong to the header (RFC 3261 §20.10), so the URI may
// contain none.
const BARE_URI_PATTERN = /[^\s;,<>"?]+/y;
const BAREWORDS_PATTERN = /[A-Za-z0-9\-.!%*_+`'~ \t]*(?=<)/y;

/**
 * Parses exactly one address (From, To).
 *
 * @throws {SipSyntaxError} when there is no address, or more than one
 */
export function parseNameAddress(value: string): NameAddress {
  const scanner = new Scanner(value);
  const address = scanNameAddress(scanner, true);
  scanner.end('address');
  return address;
}

/**
 * Parses a comma-separated list. `bareAllowed` is for Contact; routes are always in brackets (RFC 3261 §20.30, §20.34).
 *
 * @throws {SipSyntaxError} when one of the addresses cannot be read
 */
export function parseNameAddresses(value: string, bareAllowed: boolean): NameAddress[] {
  const scanner = new Scanner(value);
  const addresses = [scanNameAddress(scanner, bareAllowed)];
  while (scanner.takeSeparator(',')) addresses.push(scanNameAddress(scanner, bareAllowed));
  scanner.end('addresses');
  return addresses;
}

/** Returns the tag parameter of a From or To. */
export function tagOf(address: NameAddress): string | undefined {
  return address.parameters.get('tag');
}

/**
 * Scans a `name-addr / addr-spec` with its parameters, as in From, To, Contact, Route and Record-Route.
 *
 * @throws {SipSyntaxError} when there is none at this position
 */
function scanNameAddress(scanner: Scanner, bareAllowed: boolean): NameAddress {
  scanner.skipSpace();
  const quoted = scanner.takeQuoted();
  if (quoted !== undefined) scanner.skipSpace();
  const displayName = quoted ?? scanner.take(BAREWORDS_PATTERN)?.trim() ?? '';
  let uri: string;
  if (scanner.next === '<') {
    uri = scanner.need(BRACKETED_PATTERN, 'address in brackets').slice(1, -1);
  } else {
    if (!bareAllowed || displayName !== '') throw scanner.fail('address without brackets');
    uri = scanner.need(BARE_URI_PATTERN, 'address');
  }
  checkUri(uri);
  return { displayName, uri, parameters: scanParameters(scanner) };
}
