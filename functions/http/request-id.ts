/** The form of a request id that a client may choose. */
const acceptable = /^[A-Za-z0-9_-]{1,64}$/;

/** The client's own X-Request-Id when it sent one of an acceptable form, else the gateway's. */
export const requestIdOf = (sent: string[], gatewayId: string): string => {
  const [only, ...more] = sent;
  return only !== undefined && more.length === 0 && acceptable.test(only) ? only : gatewayId;
};
