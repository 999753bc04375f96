/** Key of the access-key table: the lower-case hexadecimal SHA-256 of the whole key. The key itself is stored nowhere. */
export const accessKeyTable = { partitionKey: 'key_hash' } as const;
