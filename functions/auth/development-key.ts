/** The signing key of `npm start` and `npm run token` unless JWT_KEY sets another. Published with the source, so a deployed stage rejects it. */
export const DEVELOPMENT_KEY = 'provider-call-development-key-not-for-any-deployed-stack';
