import type { Explanation } from './explanation.ts';

/** Name and meaning by number. */
const CAUSES: Readonly<Record<number, readonly [name: string, text: string]>> = {
  1: ['Unallocated (unassigned) number', 'The number has the right form but is not assigned to anybody.'],
  2: [
    'No route to specified transit network',
    'The network does not know the transit network that the call should take.',
  ],
  3: ['No route to destination', 'The network that the call reached has no route to the destination.'],
  4: ['Send special information tone', 'The number cannot be reached for long-lasting reasons.'],
  5: ['Misdialled trunk prefix', 'The number contains a trunk prefix it must not contain.'],
  6: ['Channel unacceptable', 'The channel chosen for the call cannot be used.'],
  7: [
    'Call awarded and being delivered in an established channel',
    'The call was delivered in a channel that already existed.',
  ],
  8: ['Preemption', 'The call was ended in favour of one with a higher priority.'],
  14: ['Query on release: ported number', 'The number was ported to another network.'],
  16: ['Normal call clearing', 'One of the two parties ended the call in the ordinary way.'],
  17: ['User busy', 'The called phone is busy.'],
  18: ['No user responding', 'The called phone did not respond to the network in time.'],
  19: ['No answer from user (user alerted)', 'The called phone rang and nobody answered.'],
  20: ['Subscriber absent', 'The called mobile phone is switched off or out of coverage.'],
  21: [
    'Call rejected',
    'The called phone could have taken the call and does not want to, or a service rejected it.',
  ],
  22: ['Number changed', 'The called number has changed.'],
  23: ['Redirection to new destination', 'The call has to be routed to another number.'],
  25: ['Exchange routing error', 'A network on the way routed the call wrongly.'],
  26: ['Non-selected user clearing', 'The call was offered to this phone but another one took it.'],
  27: ['Destination out of order', 'The line of the called phone does not work.'],
  28: [
    'Invalid number format (address incomplete)',
    'The number is incomplete or not in a form the network can route.',
  ],
  29: ['Facility rejected', 'The network cannot provide a service that was requested.'],
  30: ['Response to STATUS ENQUIRY', 'Part of a status message, not a reason for the end of a call.'],
  31: ['Normal, unspecified', 'A normal event for which no other cause applies.'],
  34: ['No circuit/channel available', 'No circuit was free for the call: congestion.'],
  38: ['Network out of order', 'The network does not work and will not for some time.'],
  39: ['Permanent frame mode connection out of service', 'A permanent connection does not work.'],
  40: ['Permanent frame mode connection operational', 'A permanent connection works.'],
  41: ['Temporary failure', 'The network has a fault that should pass soon; another attempt may succeed.'],
  42: ['Switching equipment congestion', 'An exchange on the way is overloaded.'],
  43: ['Access information discarded', 'The network could not deliver information of the call.'],
  44: ['Requested circuit/channel not available', 'The requested circuit cannot be provided.'],
  46: ['Precedence call blocked', 'No circuit could be pre-empted for the call.'],
  47: ['Resource unavailable, unspecified', 'A resource was not available and no other cause applies.'],
  49: ['Quality of service not available', 'The requested quality cannot be provided.'],
  50: ['Requested facility not subscribed', 'The account does not include the requested service.'],
  53: ['Outgoing calls barred within CUG', 'A closed user group bars outgoing calls.'],
  55: ['Incoming calls barred within CUG', 'A closed user group bars incoming calls.'],
  57: ['Bearer capability not authorized', 'The account is not authorized for this kind of call.'],
  58: ['Bearer capability not presently available', 'This kind of call cannot be provided at the moment.'],
  62: [
    'Inconsistency in designated outgoing access information and subscriber class',
    'The access information does not agree with the kind of subscriber.',
  ],
  63: [
    'Service or option not available, unspecified',
    'A service is not available and no other cause applies.',
  ],
  65: ['Bearer capability not implemented', 'This kind of call is not supported.'],
  66: ['Channel type not implemented', 'The type of channel is not supported.'],
  69: ['Requested facility not implemented', 'The requested service is not supported.'],
  70: [
    'Only restricted digital information bearer capability is available',
    'Only a restricted kind of digital call is supported.',
  ],
  79: [
    'Service or option not implemented, unspecified',
    'A service is not supported and no other cause applies.',
  ],
  81: ['Invalid call reference value', 'The call is not known on this interface.'],
  82: ['Identified channel does not exist', 'The channel named for the call does not exist.'],
  83: ['A suspended call exists, but this call identity does not', 'No suspended call has this identity.'],
  84: ['Call identity in use', 'The identity of a suspended call is already in use.'],
  85: ['No call suspended', 'There is no suspended call to resume.'],
  86: [
    'Call having the requested call identity has been cleared',
    'The suspended call has ended in the meantime.',
  ],
  87: ['User not member of CUG', 'The called phone is not in the closed user group.'],
  88: ['Incompatible destination', 'The called equipment cannot take this kind of call.'],
  90: ['Non-existent CUG', 'The closed user group does not exist.'],
  91: ['Invalid transit network selection', 'The transit network is named in a wrong form.'],
  95: ['Invalid message, unspecified', 'A message was invalid and no other cause applies.'],
  96: ['Mandatory information element is missing', 'A message lacked something it must contain.'],
  97: ['Message type non-existent or not implemented', 'A message was of a type that is not supported.'],
  98: [
    'Message not compatible with call state or message type non-existent',
    'A message did not fit the state of the call.',
  ],
  99: [
    'Information element/parameter non-existent or not implemented',
    'A message contained something that is not supported.',
  ],
  100: ['Invalid information element contents', 'Something in a message had a value that is not supported.'],
  101: ['Message not compatible with call state', 'A message did not fit the state of the call.'],
  102: ['Recovery on timer expiry', 'A timer of the network expired before a response came.'],
  103: [
    'Parameter non-existent or not implemented, passed on',
    'A parameter that is not supported was passed on.',
  ],
  110: [
    'Message with unrecognized parameter, discarded',
    'A message was dropped because of an unknown parameter.',
  ],
  111: ['Protocol error, unspecified', 'A protocol error for which no other cause applies.'],
  127: ['Interworking, unspecified', 'A network on the way did not say why; the exact cause is lost.'],
};

/**
 * Returns what a cause of ITU-T Q.850 means, as in a Reason header (RFC 3326), or undefined if there is no such cause.
 */
export function explainQ850(cause: number): Explanation | undefined {
  const row = CAUSES[cause];
  return row === undefined ? undefined : { name: row[0], text: row[1], source: `ITU-T Q.850 cause ${cause}` };
}
