import { signedHeaders } from '../outbound/aws-service.ts';
import type { HttpRequest } from '../outbound/http-client.ts';
import { holdSecret, readSecret } from '../outbound/secret.ts';

/** How a function proves its identity to the backends: not at all, with a secret, or with its IAM role. */
export type BackendAuthorizationSettings =
  | { kind: 'none' }
  | { kind: 'bearer'; secretArn: string }
  | { kind: 'sigv4' };

/** What authorizes the requests to the backends. */
export type BackendAuthorization = {
  /** Returns the request's headers with those that the backend requires on the internal trust path. */
  authorize(request: Omit<HttpRequest, 'timeoutMs'>): Promise<Record<string, string>>;
  /** To be called when a backend responds 401: a secret that was rotated is read again for the next request. */
  rejected(): void;
};

/** Returns what authorizes the requests to the backends. A bearer secret is read in advance and held. */
export function createBackendAuthorization(settings: BackendAuthorizationSettings): BackendAuthorization {
  switch (settings.kind) {
    case 'none':
      return { authorize: async ({ headers }) => headers, rejected: () => {} };
    case 'bearer': {
      const secret = holdSecret(() => readSecret(settings.secretArn));
      return {
        authorize: async ({ headers }) => ({ ...headers, Authorization: `Bearer ${await secret.current()}` }),
        // If this reading fails, the next request meets the failure and reports it.
        rejected: () => void secret.refresh().catch(() => {}),
      };
    }
    case 'sigv4':
      return {
        // The backends of a sandbox account are Lambda function URLs, whose signing name is lambda.
        authorize: async (request) => signedHeaders('lambda', request),
        rejected: () => {},
      };
  }
}
