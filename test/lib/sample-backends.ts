/** ARNs and URLs of a deployment whose backends are reached by HTTP, and what the settings make of the URLs. */
export const BACKEND_SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:backend-AbCdEf';
export const KMS_KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

export const URLS = {
  routeBackendUrl: 'https://route.example.com',
  flowBackendUrl: 'https://flow.example.com/',
  callBackendUrl: 'https://call.example.com/base/',
};

export const BACKENDS = {
  transport: 'http' as const,
  routeUrl: 'https://route.example.com',
  flowUrl: 'https://flow.example.com',
  callUrl: 'https://call.example.com/base',
};
