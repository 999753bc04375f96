/** The form of a request id, and so of one that a client may choose. */
export const requestIdForm = /^[A-Za-z0-9_-]{1,64}$/;

/** The client's own X-Request-Id when it sent one of an acceptable form, else the gateway's. */
export const requestIdOf = (sent: string[], gatewayId: string): string => {
  const [only, ...more] = sent;
  return only !== undefined && more.length === 0 && requestIdForm.test(only) ? only : gatewayId;
};
