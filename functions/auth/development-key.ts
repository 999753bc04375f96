/** The signing key of `npm start` and `npm run token` where JWT_KEY gives no other. Published with the source, so a deployed stage refuses it. */
export const developmentKey = 'provider-call-development-key-not-for-any-deployed-stack';
