import { describe, expect, test } from 'vitest';
import { addressOf, type Route, routeOf } from '../src/page/router.ts';
import { isPagePath } from '../src/page-headers.ts';

const ID = 'b7d1c0f6-9a2e-4b3f-8e2a-1c7d5b8a9e0f';

const ROUTES: readonly [string, Route][] = [
  ['/providers', { view: 'providers' }],
  ['/providers/new', { view: 'new-provider' }],
  [`/providers/${ID}`, { view: 'provider', id: ID }],
  [`/providers/${ID}/edit`, { view: 'edit-provider', id: ID }],
  ['/place', { view: 'place' }],
  [`/place?provider=${ID}`, { view: 'place', providerId: ID }],
  ['/records', { view: 'records' }],
  [
    `/records?provider=${ID}&page=2026-04-21+23%3A15%3A00.000000`,
    { view: 'records', providerId: ID, pageToken: '2026-04-21 23:15:00.000000' },
  ],
  [`/records/${ID}`, { view: 'record', id: ID }],
  [`/records/${ID}?call=c1&message=3`, { view: 'record', id: ID, callId: 'c1', message: 3 }],
  ['/compare', { view: 'compare' }],
  ['/compare?a=1&b=2', { view: 'compare', first: '1', second: '2' }],
];

function read(address: string): Route {
  return routeOf(new URL(address, 'http://console.example'));
}

describe('routes and addresses', () => {
  test.each(ROUTES)('%s is the address of a view and leads back to it', (address, route) => {
    expect(addressOf(route)).toBe(address);
    expect(read(address)).toEqual(route);
  });

  test.each(ROUTES)('%s is served with index.html', (address) => {
    expect(isPagePath(new URL(address, 'http://console.example').pathname)).toBe(true);
  });

  test.each([
    ['/', { view: 'providers' }],
    ['/records/', { view: 'records' }],
    ['/records?provider=&page=', { view: 'records' }],
    [`/records/${ID}?message=-1`, { view: 'record', id: ID }],
    ['/records/%E0%A4%A', { view: 'record', id: '%E0%A4%A' }],
  ])('%s is read with its parameters', (address, route) => {
    expect(read(address)).toEqual(route);
  });

  test.each([
    '/nothing',
    '/providers/1/delete',
    '/providers/new/edit/1',
    '/place/1',
    '/records/1/2',
    '/compare/1',
  ])('%s is an address without a view', (address) => {
    expect(read(address)).toEqual({ view: 'unknown', path: address });
  });

  test('an id with reserved characters is the same after it was an address', () => {
    const route: Route = { view: 'record', id: 'a/b?c#d' };
    expect(read(addressOf(route))).toEqual(route);
  });
});
