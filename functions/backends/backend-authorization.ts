import { holdSecret, readSecret } from '../outbound/secret.ts';
import { signedHeaders } from '../outbound/sign.ts';

type Request = { method: string; url: URL; headers: Record<string, string>; body: string | undefined };

/** How a function proves to the backends who it is: not at all, by a secret, or by its IAM role. */
export type BackendAuthorizationSettings =
  | { kind: 'none' }
  | { kind: 'bearer'; secretArn: string }
  | { kind: 'sigv4' };

export type BackendAuthorization = {
  /** The request's headers with what the backend asks for on the internal trust path. */
  authorize(request: Request): Promise<Record<string, string>>;
  /** To be called when a backend answers 401: a secret that was rotated is read anew for the next request. */
  refused(): void;
};

export const createBackendAuthorization = (settings: BackendAuthorizationSettings): BackendAuthorization => {
  switch (settings.kind) {
    case 'none':
      return { authorize: async ({ headers }) => headers, refused: () => {} };
    case 'bearer': {
      const secret = holdSecret(() => readSecret(settings.secretArn));
      return {
        authorize: async ({ headers }) => ({ ...headers, Authorization: `Bearer ${await secret.current()}` }),
        // A reading that fails is met, and told, by the next request.
        refused: () => void secret.refresh().catch(() => {}),
      };
    }
    case 'sigv4':
      return {
        // The backends of a sandbox account are Lambda function URLs, whose signing name is lambda.
        authorize: async (request) => signedHeaders('lambda', request),
        refused: () => {},
      };
  }
};
