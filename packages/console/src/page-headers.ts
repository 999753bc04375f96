/**
 * What the page may do: run its own script and style, show its own icon, and send requests to its own origin. No inline
 * code, no other host, no frame around it, no form that is submitted elsewhere, and no string that becomes markup.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Response headers of every file of the console, on any server. A server behind TLS adds Strict-Transport-Security. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  // The page's addresses contain ids.
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Cache-Control of a file below `/assets/`, whose name changes with its content. */
export const ASSET_CACHE_CONTROL = 'public, max-age=31536000, immutable';

/** Cache-Control of `index.html`, which names the current assets. */
export const INDEX_CACHE_CONTROL = 'no-cache';

/**
 * Returns whether a path belongs to the page itself, so that a server responds with `index.html`: every path that
 * belongs neither to the API, nor to a file, nor to the API reference.
 */
export function isPagePath(path: string): boolean {
  return path === '/' || PAGE_PATH.test(path);
}

/** Every path of the page except `/`. */
export const PAGE_PATH = /^\/(?:providers|place|records|compare)(?:\/[^.]*)?$/;
