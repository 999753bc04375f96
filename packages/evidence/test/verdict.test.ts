import { expect, test } from 'vitest';
import { analyzeScenario, SCENARIOS } from './scenarios.ts';

test.each([
  [
    'answered, ended by us',
    'none',
    'Answered 5.0 s after the INVITE and ended by us after 10.0 s: nobody is at fault, the provider works.',
  ],
  [
    'answered, ended by the far end',
    'none',
    'Answered 5.0 s after the INVITE and ended by the far end after 7.0 s: nobody is at fault, the provider works.',
  ],
  [
    'answered and dropped by the network',
    'none',
    'Answered 5.0 s after the INVITE, and the provider dropped it after 7.0 s (Q.850 cause 38: Network out of order): the provider or the network behind it is at fault; dial again, and report it with the Call-ID if it persists.',
  ],
  [
    'answered, session timer expired',
    'none',
    'Answered 5.0 s after the INVITE, and the provider dropped it after 90.0 s because the session timer expired (SIP cause 408: Request Timeout, Session timer expired): a refresh did not get through; check re-INVITEs in the ladder.',
  ],
  [
    'answered and dropped at once',
    'none',
    'Answered 5.0 s after the INVITE and ended by the far end after 300 ms: too soon for a person, so perhaps the provider or a voicemail dropped it; dial again and listen.',
  ],
  [
    'answered without any audio',
    'none',
    "Answered 5.0 s after the INVITE, with no audio in either direction (0 RTP packets), so our side or the provider's may be at fault; check the firewall between us and the provider's media addresses.",
  ],
  [
    'answered with audio from us only, directions known',
    'none',
    'Answered 5.0 s after the INVITE, with no audio from the provider (0 RTP packets received), so the provider or a firewall on the way is at fault; check that its media may reach us.',
  ],
  [
    'answered with half of the packets',
    'none',
    'Answered 5.0 s after the INVITE, with audio that is perhaps one-way (498 RTP packets, about what one direction has); listen to a call, and check the firewall between the media addresses if one side hears nothing.',
  ],
  [
    'answered with good audio',
    'none',
    'Answered 5.0 s after the INVITE and ended by us after 10.0 s: nobody is at fault, the provider works.',
  ],
  [
    'answered with loss',
    'none',
    "Answered 5.0 s after the INVITE, with 9.3 % of the packets lost, so audio was poor; check the path to the provider's media addresses.",
  ],
  [
    'answered, our ACK lost',
    'none',
    "Answered 5.0 s after the INVITE, but our ACK did not arrive (the 200 came 4 times): the Contact or Record-Route of the provider's 200 is probably wrong; report it with the Call-ID.",
  ],
  [
    'answered, never acknowledged',
    'none',
    'Answered 5.0 s after the INVITE, but our ACK is missing though the 200 came 4 times: we are at fault; check that our side reaches the Contact of the 200.',
  ],
  [
    'answered at the maximum duration',
    'none',
    'Answered 5.0 s after the INVITE and ended by us after 60.0 s at the maximum duration: nobody is at fault.',
  ],
  [
    'answered after a challenge',
    'none',
    'Answered 2.0 s after the INVITE and ended by us after 7.0 s: nobody is at fault, the provider works.',
  ],
  [
    'answered at the second host',
    'none',
    'After 503 Service Unavailable at 203.0.113.5:5060, 203.0.113.7:5060 was tried; answered 3.0 s after the INVITE and ended by us after 6.0 s: nobody is at fault, the provider works.',
  ],
  [
    'failed at both hosts',
    'rejected',
    'After no response from 203.0.113.5:5060, 203.0.113.7:5060 was tried; 500 Server Internal Error from the provider: the provider is at fault; dial again, and report it with the Call-ID if it persists.',
  ],
  ['still ringing', 'none', 'The phone is ringing.'],
  ['still dialling', 'none', 'The provider has not responded to 2 INVITEs yet.'],
  ['in progress', 'none', 'Answered and in progress.'],
  [
    'busy',
    'busy',
    '486 Busy Here from the far end (Q.850 cause 17, User busy): the phone is busy and the provider works; call again later or try another number.',
  ],
  [
    'busy in French',
    'busy',
    '486 Occupé from the far end: the phone is busy and the provider works; call again later or try another number.',
  ],
  [
    'busy everywhere',
    'busy',
    '600 Busy Everywhere from the far end: the called party is busy at every phone and the provider works; call again later or try another number.',
  ],
  [
    'busy as a gateway says it',
    'busy',
    '500 Server Internal Error from the far end (Q.850 cause 17, User busy): the phone is busy and the provider works; call again later or try another number.',
  ],
  [
    'declined',
    'no_answer',
    '603 Decline from the far end: the called party, or a service that screens its calls, declined and the provider works; try another number or source.',
  ],
  [
    'phone off',
    'no_answer',
    '480 Temporarily Unavailable from the far end (Q.850 cause 20, Subscriber absent): the mobile phone is off or out of coverage and the provider works; call again later or try another number.',
  ],
  [
    'no answer, by the far end',
    'no_answer',
    '480 No Answer from the far end (Q.850 cause 19, No answer from user (user alerted)): the phone rang and nobody answered, so the provider works; call again later or try another number.',
  ],
  [
    'no answer, by our dial timeout',
    'no_answer',
    "The phone rang unanswered until our dial timeout after 58.2 s: the far end's doing, the provider works; try another number.",
  ],
  [
    'no answer, with an announcement only',
    'no_answer',
    'We gave up at our dial timeout after 60.0 s without an answer, after progress but no ringing: the far end, perhaps behind an announcement; listen to the call or try another number.',
  ],
  [
    'cancelled while ringing',
    'cancelled',
    'We cancelled after 3.2 s of ringing: nobody is at fault, the provider works as far as ringing.',
  ],
  [
    'cancelled before ringing',
    'cancelled',
    'We cancelled after 1.0 s, before it rang: nobody is at fault; dial again and wait longer to find out about the provider.',
  ],
  [
    'cancelled, never confirmed',
    'cancelled',
    'We cancelled after 3.2 s of ringing: nobody is at fault, the provider works as far as ringing, and the provider never confirmed the CANCEL, so the phone may go on ringing; ask the provider.',
  ],
  [
    'answered while we cancelled',
    'cancelled',
    'The phone answered just when we cancelled and we hung up 2 ms later: nobody is at fault, but the provider bills the call; compare its bill, or dial again and wait longer.',
  ],
  [
    'accepted and forgotten',
    'timeout',
    'The provider took the INVITE and reported no progress in 60.0 s: the provider is at fault, its route to this number leads nowhere; try another number, and report it with the Call-ID.',
  ],
  [
    'no response at all',
    'timeout',
    'No response to 7 INVITEs at 203.0.113.5:5060: the provider is down, its hostname or port is wrong, or it ignores our address; check these, and whether our address is on its allow list.',
  ],
  [
    'no response, as our edge reports it',
    'timeout',
    'No response to 7 INVITEs at 203.0.113.5:5060 (408 Timer B fired): the provider is down, its hostname or port is wrong, or it ignores our address; check these, and whether our address is on its allow list.',
  ],
  [
    'closed port',
    'unreachable',
    'Nothing listens at 203.0.113.5:5060 (503 ECONNREFUSED 203.0.113.5:5060): the provider is down or its port is wrong; check hostname and port.',
  ],
  [
    'no route',
    'unreachable',
    'The provider cannot be reached at 203.0.113.5:5060 (503 EHOSTUNREACH): check hostname, port and the network between us.',
  ],
  [
    'bad certificate',
    'unreachable',
    "The provider's TLS connection failed (503 TLS certificate has expired): the provider is at fault if its certificate is not valid for its hostname; correct that, or use another transport.",
  ],
  [
    'unresolvable name',
    'dns',
    "The provider's hostname cannot be resolved (478 Unresolvable destination (ENOTFOUND)): nothing was sent; correct the hostname, or have its DNS or SRV records corrected.",
  ],
  [
    'not allowed to call',
    'blocked',
    "We did not send the call (403 SIP_ALLOW does not include 203.0.113.5): the provider's address is not among those that we may call, so we are at fault; add it to our allow list (SIP_ALLOW) if it should be called.",
  ],
  [
    'our own fault',
    'local',
    'We could not make the call (500 No free RTP port): we are at fault, and nothing was sent to the provider; the reason is in brackets.',
  ],
  [
    'no account',
    'authentication',
    '407 Proxy Authentication Required from the provider: it asks for a user name and password for realm "carrier.example" and we sent none; set them for the provider, or have our address put on its allow list.',
  ],
  [
    'unsupported digest',
    'authentication',
    '407 Proxy Authentication Required from the provider for realm "carrier.example": it asks for a digest with SHA-512-256, which we do not support; ask it for MD5 or SHA-256, or for access by our address.',
  ],
  [
    'redirect not followed, as our edge reports it',
    'rejected',
    '302 Moved Temporarily from the provider: it redirects the call to <sip:1@198.51.100.9>, which was not followed; set its hostname to the one that accepts calls.',
  ],
  [
    'redirected',
    'rejected',
    '302 Moved Temporarily from the provider: it redirects the call to <sip:1@198.51.100.9>, which was not followed; set its hostname to the one that accepts calls.',
  ],
  [
    'asked for credentials',
    'authentication',
    '407 Proxy Authentication Required from the provider: it asks for a user name and password for realm "carrier.example" and we sent none; set them for the provider, or have our address put on its allow list.',
  ],
  [
    'asked for an unknown digest',
    'authentication',
    '407 Proxy Authentication Required from the provider for realm "carrier.example": it asks for a digest with SHA-512-256, which we do not support; ask it for MD5 or SHA-256, or for access by our address.',
  ],
  [
    'wrong password',
    'authentication',
    '407 Proxy Authentication Required from the provider for realm "carrier.example": it rejected our credentials, so the user name or password stored for the provider is wrong; correct them.',
  ],
  [
    'stale forever',
    'authentication',
    '407 Proxy Authentication Required from the provider: it calls even its fresh nonce stale, so the provider is at fault; report it with the Call-ID.',
  ],
  [
    'credentials rejected with 403',
    'authentication',
    '403 Invalid credentials from the provider: it does not accept our credentials; correct the user name and password stored for the provider.',
  ],
  [
    'rejected after credentials',
    'rejected',
    '403 Forbidden from the provider: our user name or password is wrong, or the source is not on its allow list; check the credentials, then try a source it knows.',
  ],
  [
    'rejected after an announcement',
    'rejected',
    '404 Not Found from the provider (after early media, which may have said why): it does not know this number; check the number, tech_prefix and tech_postfix, then try a number that works elsewhere.',
  ],
  [
    'answered while we cancelled, and left up',
    'cancelled',
    'The phone answered just when we cancelled and no BYE from us was captured, so the call may still be up: nobody is at fault, but the provider bills the call; compare its bill, or dial again and wait longer.',
  ],
  [
    'ended by us without a response to the BYE',
    'none',
    'Answered 5.0 s after the INVITE, but the provider did not respond to 4 BYEs: it may have lost the call and may go on billing it; report it with the Call-ID.',
  ],
  [
    'answered and then silent',
    'none',
    'Answered 5.0 s after the INVITE, but the provider did not respond to OPTIONS (408 No response to OPTIONS): it may have lost the call and may go on billing it; report it with the Call-ID.',
  ],
  [
    'answered with poor audio',
    'none',
    "Answered 5.0 s after the INVITE, with poor audio (MOS 2.1); check the path to the provider's media addresses.",
  ],
  [
    'source not allowed',
    'rejected',
    '403 Forbidden from the provider: the source is probably not on its allow list; try one it knows.',
  ],
  [
    'source not allowed, in words',
    'rejected',
    '403 Caller ID not allowed from the provider: the source is not one it accepts; try one it knows.',
  ],
  [
    'destination not allowed',
    'rejected',
    '403 Destination blocked from the provider: it does not route this destination for the account; ask it to open the destination, or try another number.',
  ],
  [
    'no credit',
    'rejected',
    '402 Payment Required from the provider: the account there has no credit; top it up.',
  ],
  [
    'no credit, as 403',
    'rejected',
    '403 Forbidden from the provider ("Insufficient balance"): the account there seems to have no credit; top it up.',
  ],
  [
    'too many calls',
    'rejected',
    '503 Maximum calls exceeded from the provider: a limit of the account there is reached; make fewer calls at once, or have it raised.',
  ],
  [
    'number unknown',
    'rejected',
    '404 Not Found from the provider: it does not know this number; check the number, tech_prefix and tech_postfix, then try a number that works elsewhere.',
  ],
  [
    'number unallocated',
    'rejected',
    '404 Not Found from the provider (Q.850 cause 1, Unallocated (unassigned) number): the number is not assigned to anybody; check it, or try another number.',
  ],
  [
    'number incomplete',
    'rejected',
    '484 Address Incomplete from the provider (Q.850 cause 28, Invalid number format (address incomplete)): the number is incomplete or in the wrong form; check the number and tech_prefix.',
  ],
  [
    'no circuit behind 480',
    'rejected',
    '480 Temporarily Unavailable from the provider (Q.850 cause 34, No circuit/channel available): no circuit is free there, so the provider is at fault; dial again later or try another provider.',
  ],
  [
    'timeout further on',
    'no_answer',
    '408 Request Timeout from the far end: nobody downstream responded in time, so the phone is out of reach or a route behind the provider is dead; try another number to tell which.',
  ],
  [
    'bad request',
    'rejected',
    '400 Bad Request from the provider ("Missing P-Charging-Vector"): it considers our INVITE malformed; remove tech_headers first, then compare the INVITE with what the provider requires.',
  ],
  [
    'unsupported body',
    'rejected',
    '415 Unsupported Media Type from the provider: it does not understand the body of our INVITE (session description); ask the provider what it supports.',
  ],
  [
    'bad extension',
    'rejected',
    '420 Bad Extension from the provider (Unsupported 100rel): it does not support an extension that our INVITE requires; take the header out of tech_headers.',
  ],
  [
    'interval too brief',
    'rejected',
    '423 Interval Too Brief from the provider (Min-Expires 60): the expiration in our request is shorter than it allows; it has to be raised to its Min-Expires.',
  ],
  [
    'session interval too small',
    'rejected',
    '422 Session Interval Too Small from the provider (Min-SE 90): our session timer is shorter than it allows; it has to be raised to its Min-SE.',
  ],
  [
    'lost dialog',
    'rejected',
    '481 Call/Transaction Does Not Exist from the provider: it lost track of the call, so the provider is at fault; dial again, and report it if it persists.',
  ],
  [
    'loop',
    'rejected',
    '482 Loop Detected from the provider: the call goes round in a loop there, so the provider is at fault; report it with the Call-ID.',
  ],
  [
    'too many hops',
    'rejected',
    '483 Too Many Hops from the provider: the call goes round in a loop there, so the provider is at fault; report it with the Call-ID.',
  ],
  [
    'provider cannot resolve',
    'rejected',
    '478 Unresolvable destination (478/SL) from the provider: its proxy cannot resolve its own next hop, so the provider is at fault; report it with the Call-ID.',
  ],
  [
    'ended by the provider with 487',
    'rejected',
    '487 Request Terminated from the provider: it ended the call before the answer although we had not cancelled it, so the provider or the phone is at fault; dial again.',
  ],
  [
    'no common codec',
    'rejected',
    `488 Not Acceptable Here from the provider ("Incompatible media format"): no codec is common to both sides or the media were not acceptable; change the provider's codecs.`,
  ],
  [
    'glare',
    'rejected',
    '491 Request Pending from the provider: both sides sent a request at the same time; dial again.',
  ],
  [
    'server error',
    'rejected',
    '500 Server Internal Error from the provider: the provider is at fault; dial again, and report it with the Call-ID if it persists.',
  ],
  [
    'overloaded',
    'rejected',
    '503 Service Unavailable from the provider (Retry-After 30): it is overloaded, under maintenance or out of circuits, so the provider is at fault; dial again later or try another provider.',
  ],
  [
    'gateway timeout',
    'rejected',
    '504 Server Time-out from the provider: a server behind it did not respond, so the provider is at fault; dial again later or try another provider.',
  ],
  [
    'does not exist',
    'rejected',
    '604 Does Not Exist Anywhere from the provider: the number does not exist anywhere; check it, or try another number.',
  ],
  [
    'unwanted',
    'rejected',
    '607 Unwanted from the far end: the called party marked calls from this source as unwanted; use another source.',
  ],
  [
    'filtered as spam',
    'rejected',
    '608 Rejected from the provider: a filter on the way considers the call unwanted; use another source, or ask the provider which filter blocks it.',
  ],
  [
    'unregistered 4xx',
    'rejected',
    '499 Carrier special from the provider: it refuses the call; ask the provider what the status means there.',
  ],
  [
    'unregistered 6xx',
    'rejected',
    '699 Global Failure from the far end: the called party cannot take the call anywhere; try another number.',
  ],
  [
    'anonymity not allowed',
    'rejected',
    '433 Anonymity Disallowed from the provider: it does not accept anonymous calls; dial with anonymous "no".',
  ],
  [
    'forked',
    'none',
    'Answered 4.0 s after the INVITE by more than one phone, because the call was forked: the provider may bill each; ask it not to fork calls to this number.',
  ],
  [
    'held by the far end',
    'none',
    'Answered 5.0 s after the INVITE and ended by the far end after 7.0 s: nobody is at fault, the provider works.',
  ],
  [
    'nothing captured, failed',
    'rejected',
    "The call failed and no messages were captured, so it is not known whether the provider refused it or was not reached; check the provider's hostname and health, then dial again.",
  ],
  [
    'nothing captured, busy',
    'busy',
    "The phone is busy (no messages were captured): the far end's doing, the provider works; call again later or try another number.",
  ],
  [
    'nothing captured, answered',
    'none',
    'Answered and ended by the far end after 10.3 s: nobody is at fault, the provider works.',
  ],
  [
    'nothing captured, dial timeout without ringing',
    'timeout',
    'Nothing rang before our dial timeout (no messages were captured): the provider is probably at fault; check its hostname and health, then try another number.',
  ],
  ['nothing known', 'none', 'Nothing is known about this call yet; check again later.'],
])('a call %s is %s', (name, failure, verdict) => {
  const analysis = analyzeScenario(name);
  expect({ failure: analysis.failure, verdict: analysis.verdict }).toEqual({ failure, verdict });
});

test('every scenario has a verdict that is one sentence', () => {
  for (const name of Object.keys(SCENARIOS)) {
    const { verdict } = analyzeScenario(name);
    expect(verdict, name).toMatch(/^[A-Z0-9].*[^.]\.$/);
    expect(verdict.length, name).toBeLessThan(400);
  }
});
