import { type Parameters, Scanner, SipSyntaxError, scanParameters, TOKEN_PATTERN } from './scanner.ts';
import { type HostPort, parseHostPort } from './uri.ts';

export type Via = HostPort & { transport: string; parameters: Parameters };

const HOST_PATTERN = /\[[0-9A-Fa-f:.]*\]|[A-Za-z0-9._-]+/y;
const PORT_PATTERN = /\d{1,5}/y;

/**
 * Parses the hops that a request took, the latest first (RFC 3261 §20.42).
 *
 * @throws {SipSyntaxError} when one of them cannot be read
 */
export function parseVias(value: string): Via[] {
  const scanner = new Scanner(value);
  const vias = [scanVia(scanner)];
  while (scanner.takeSeparator(',')) vias.push(scanVia(scanner));
  scanner.end('Via');
  return vias;
}

function scanVia(scanner: Scanner): Via {
  scanner.skipSpace();
  const protocol = scanner.need(TOKEN_PATTERN, 'protocol');
  if (!scanner.takeSeparator('/')) throw scanner.fail('no protocol version');
  const version = scanner.need(TOKEN_PATTERN, 'protocol version');
  if (!scanner.takeSeparator('/')) throw scanner.fail('no transport');
  if (protocol.toUpperCase() !== 'SIP' || version !== '2.0') throw new SipSyntaxError('not SIP/2.0 in a Via');
  const transport = scanner.need(TOKEN_PATTERN, 'transport').toUpperCase();
  if (!scanner.skipSpace()) throw scanner.fail('no sent-by');
  const host = scanner.need(HOST_PATTERN, 'host');
  const port = scanner.takeSeparator(':') ? `:${scanner.need(PORT_PATTERN, 'port')}` : '';
  const parameters = scanParameters(scanner);
  // An RFC 2543 branch, or none, is allowed; a cookie with nothing after it is not a branch (RFC 4475 §3.2.1).
  if (parameters.get('branch') === 'z9hG4bK') throw new SipSyntaxError('empty branch');
  return { ...parseHostPort(`${host}${port}`), transport, parameters };
}
