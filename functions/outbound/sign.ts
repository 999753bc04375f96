import aws4 from 'aws4';

type Signable = { method: string; url: URL; headers: Record<string, string>; body: string | undefined };

/**
 * The headers of a request with those of Signature Version 4 added, made with the function's own credentials (the
 * AWS_ variables that the Lambda runtime sets).
 */
export const signedHeaders = (
  service: string,
  { method, url, headers, body }: Signable,
): Record<string, string> => {
  const signed = aws4.sign({
    service,
    region: process.env['AWS_REGION'] ?? '',
    method,
    host: url.host,
    path: url.pathname + url.search,
    headers,
    ...(body !== undefined && { body }),
  });
  return Object.fromEntries(
    Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
};
