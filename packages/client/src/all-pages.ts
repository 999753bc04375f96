/**
 * Yields what is on all pages of a list, in order. Pages are requested as they are needed.
 *
 * @param list returns one page: the first without a token, each of the others with the token of the page before it
 */
export async function* allPages<Resource>(
  list: (pageToken: string | undefined) => Promise<{ result: Resource[]; next_page_token: string }>,
): AsyncGenerator<Resource> {
  let pageToken: string | undefined;
  do {
    const page = await list(pageToken);
    yield* page.result;
    // If a token were repeated, this would never end.
    pageToken = page.next_page_token === pageToken ? '' : page.next_page_token;
  } while (pageToken !== '');
}
