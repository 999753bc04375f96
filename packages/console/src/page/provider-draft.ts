import type { Provider, ProviderInput } from '@provider-call/client';

/** The contents of a provider's form, as typed. */
export type ProviderDraft = {
  name: string;
  hostname: string;
  techPrefix: string;
  techPostfix: string;
  /** One `Name: value` in each line. */
  techHeaders: string;
  codecs: string;
  authUsername: string;
  authPassword: string;
  detail: string;
};

/** The form of a new provider. */
export const EMPTY_PROVIDER_DRAFT: ProviderDraft = {
  name: '',
  hostname: '',
  techPrefix: '',
  techPostfix: '',
  techHeaders: '',
  codecs: 'PCMU,PCMA',
  authUsername: '',
  authPassword: '',
  detail: '',
};

/** Returns the form of an existing provider. Its password is never returned; leaving it empty keeps it. */
export function draftOf(provider: Provider): ProviderDraft {
  return {
    name: provider.name,
    hostname: provider.hostname,
    techPrefix: provider.tech_prefix,
    techPostfix: provider.tech_postfix,
    techHeaders: Object.entries(provider.tech_headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    codecs: provider.codecs,
    authUsername: '',
    authPassword: '',
    detail: provider.detail,
  };
}

export type ProviderDraftProblem = { field: keyof ProviderDraft; message: string };

/** Returns the input for the platform, or what is wrong with the form. */
export function inputOf(
  draft: ProviderDraft,
): { input: ProviderInput } | { problems: ProviderDraftProblem[] } {
  const problems: ProviderDraftProblem[] = [];
  if (draft.hostname.trim() === '')
    problems.push({ field: 'hostname', message: 'Enter a host name or an IP address.' });
  if (draft.name.trim() === '')
    problems.push({ field: 'name', message: 'Enter a name by which you can find it again.' });
  const headers = new Map<string, string>();
  for (const line of draft.techHeaders.split(/\r?\n/).filter((text) => text.trim() !== '')) {
    const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      problems.push({ field: 'techHeaders', message: `"${line.trim()}" is not of the form Name: value.` });
    } else if (headers.has(name)) {
      problems.push({
        field: 'techHeaders',
        message: `"${name}" is there twice; a name can have only one value.`,
      });
    } else headers.set(name, value);
  }
  if (problems.length > 0) return { problems };
  return {
    input: {
      name: draft.name.trim(),
      hostname: draft.hostname.trim(),
      tech_prefix: draft.techPrefix.trim(),
      tech_postfix: draft.techPostfix.trim(),
      tech_headers: Object.fromEntries(headers),
      codecs: draft.codecs.replaceAll(/\s/g, ''),
      detail: draft.detail.trim(),
      ...(draft.authUsername.trim() !== '' && { auth_username: draft.authUsername.trim() }),
      ...(draft.authPassword !== '' && { auth_password: draft.authPassword }),
    },
  };
}
