import * as z from 'zod/mini';
import type { Action } from './records/flow.ts';

/** The effect of one action of a flow on a call without a media server. */
export type FlowStep = {
  /** Milliseconds that the call waits before the next step. */
  durationMs: number;
  /** The note on the call. */
  note: string;
  /** Whether the flow ends with this step. */
  last: boolean;
};

// 150 words a minute, the pace of an announcement.
const WORD_MS = 400;
const MIN_TALK_MS = 1000;
const STREAM_MS = 5000;

const sleepOptionSchema = z.object({ duration: z.number().check(z.nonnegative()) });
const talkOptionSchema = z.object({ text: z.string() });
const playOptionSchema = z.object({ stream_urls: z.array(z.string()) });

/**
 * Returns what a flow does to an answered call: talk and play become silence of about the same length, and an action
 * that needs a media server is skipped. Every plan ends with a hangup, like a flow on the platform that has no actions
 * left.
 */
export function planFlow(actions: Action[]): FlowStep[] {
  const steps = actions.map(stepOf);
  const end = steps.findIndex((step) => step.last);
  if (end >= 0) return steps.slice(0, end + 1);
  return [...steps, { durationMs: 0, note: 'end of the flow: hangup', last: true }];
}

function stepOf({ type, option }: Action): FlowStep {
  switch (type) {
    case 'answer':
      return { durationMs: 0, note: 'answer: the call is answered already', last: false };
    case 'hangup':
      return { durationMs: 0, note: 'hangup', last: true };
    case 'sleep': {
      const parsed = z.safeParse(sleepOptionSchema, option);
      const durationMs = parsed.success ? parsed.data.duration : 0;
      return { durationMs, note: `sleep: ${durationMs} ms`, last: false };
    }
    case 'talk': {
      const parsed = z.safeParse(talkOptionSchema, option);
      const words = parsed.success ? parsed.data.text.split(/\s+/).filter((word) => word !== '').length : 0;
      const durationMs = Math.max(words * WORD_MS, MIN_TALK_MS);
      return { durationMs, note: `talk: ${durationMs} ms of silence`, last: false };
    }
    case 'play': {
      const parsed = z.safeParse(playOptionSchema, option);
      const durationMs = (parsed.success ? parsed.data.stream_urls.length : 1) * STREAM_MS;
      return { durationMs, note: `play: ${durationMs} ms of silence`, last: false };
    }
    default:
      return { durationMs: 0, note: `${type}: skipped, it needs a media server`, last: false };
  }
}
