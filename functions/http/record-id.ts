import { uuidSchema } from '../uuid.ts';
import type { ApiRequest } from './api-request.ts';
import { parseInput } from './parse-input.ts';

/** The id in the path. Throws PlatformError when it is no UUID; the nil UUID is one that names no record. */
export const recordIdOf = ({ path }: ApiRequest): string =>
  parseInput(uuidSchema, path['id'], 'id', 'INVALID_ID');
