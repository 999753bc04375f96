import type { CallFacts } from './call-facts.ts';

/** Returns one sentence: what happened, who is at fault, what to do. */
export function verdictOf({ failure, state, final }: CallFacts): string {
  if (state !== 'hangup') return `The call is ${state}.`;
  if (failure === 'none') return 'Answered: nobody is at fault.';
  return `${final?.status ?? 'No response'}: ${failure}.`;
}
