/**
 * Replaces the SDK's chain of credential providers in the bundles. The Lambda runtime passes a function its role's
 * credentials in the environment, so the providers for files, SSO, web identity and instance metadata, a third of a
 * bundle, would be loaded and never used.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
