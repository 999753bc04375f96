/**
 * What takes the place of the SDK's chain of credential providers in the bundles: the Lambda runtime gives a function its
 * role's credentials in its environment, so the providers for files, SSO, web identity and instance metadata would
 * only be loaded, a third of a bundle, and never asked.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
