export { analyzeCall, type CallAnalysis } from './analyze-call.ts';
export type { CallState } from './call-facts.ts';
export { explainHeader } from './explain-header.ts';
export { explainQ850 } from './explain-q850.ts';
export { explainSipStatus } from './explain-sip-status.ts';
export type { Explanation } from './explanation.ts';
export { FAILURES, type Failure } from './failure.ts';
export { inOrderOfTime, microsecondsOf } from './instant.ts';
export { type Difference, newcombeDifference, type Proportion, wilsonInterval } from './intervals.ts';
export { type LadderOptions, ladderText } from './ladder-text.ts';
export { pcapOf } from './pcap.ts';
export type {
  AnalysisNote,
  Call,
  RtcpStats,
  SipAnalysis,
  SipMessage,
} from './platform-records.ts';
export { type ProviderStatistics, providerStatistics, type Sample } from './provider-statistics.ts';
export { q850CauseOf } from './reason.ts';
export type { Step } from './steps.ts';
export { type Outcome, outcomeOf, worstFailure } from './worst-failure.ts';
