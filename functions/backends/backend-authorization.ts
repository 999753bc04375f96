import { signedHeaders } from '../outbound/aws-service.ts';
import { holdSecret, readSecret } from '../outbound/secret.ts';

type Request = { method: string; url: URL; headers: Record<string, string>; body: string | undefined };

/** How a function proves its identity to the backends: not at all, with a secret, or with its IAM role. */
export type BackendAuthorizationSettings =
  | { kind: 'none' }
  | { kind: 'bearer'; secretArn: string }
  | { kind: 'sigv4' };

export type BackendAuthorization = {
  /** Returns the request's headers with those that the backend requires on the internal trust path. */
  authorize(request: Request): Promise<Record<string, string>>;
  /** To be called when a backend responds 401: a secret that was rotated is read again for the next request. */
  rejected(): void;
};

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
