/** Reason phrases of the final responses that a far end is asked to send (RFC 3261 §21). */
const REASON_PHRASES: Readonly<Record<number, string>> = {
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
};

/** Returns the reason phrase of a final response. */
export function reasonPhraseOf(status: number): string {
  return REASON_PHRASES[status] ?? 'Rejected';
}
