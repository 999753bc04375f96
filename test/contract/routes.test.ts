import { expect, test } from 'vitest';
import { openApiDocument } from '../../contract/openapi-document.ts';
import { ROUTES } from '../../contract/routes.ts';

test('no two routes share a method and path, or an operation id', () => {
  expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROUTES.length);
  expect(new Set(ROUTES.map(({ operationId }) => operationId)).size).toBe(ROUTES.length);
});

test('the OpenAPI document has exactly the routes of the table', () => {
  const documented = Object.entries(openApiDocument().paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => `${method} ${path} ${operation?.operationId}`),
  );
  expect(documented.toSorted()).toEqual(
    ROUTES.map(
      ({ method, path, operationId }) => `${method.toLowerCase()} ${path} ${operationId}`,
    ).toSorted(),
  );
});
