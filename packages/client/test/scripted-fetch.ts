/** What the scripted fetch does with one request. */
export type Reply = Response | Error | 'never';

/** Returns a fetch that responds in this order, and the requests it received. */
export function scriptedFetch(...replies: Reply[]) {
  const requests: Request[] = [];
  return {
    requests,
    fetch: (request: Request): Promise<Response> => {
      requests.push(request);
      const reply = replies[requests.length - 1] ?? new Error('one request too many');
      if (reply === 'never') return new Promise(() => {});
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
  };
}

export function json(body: unknown, headers: Record<string, string> = {}, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

/** A response in the platform's error envelope. */
export function apiError(status: number, reason: string, headers: Record<string, string> = {}): Response {
  return json(
    { error: { status: 'UNAVAILABLE', reason, message: 'Do this.', request_id: 'r-1' } },
    headers,
    status,
  );
}
