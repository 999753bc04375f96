/** Key of the access-key table: the lower-case hexadecimal SHA-256 of the whole key. The key itself is stored nowhere. */
export const ACCESS_KEY_TABLE = { partitionKey: 'key_hash' } as const;
