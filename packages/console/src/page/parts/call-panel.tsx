import type { Call } from '@provider-call/client';
import { analyzeCall, explainSipStatus, type RtcpStats, type SipAnalysis } from '@provider-call/evidence';
import { useEffect, useState } from 'preact/hooks';
import { isEnded } from '../api.ts';
import { plainText } from '../display-text.ts';
import { download } from '../download.ts';
import { type Failure, failureOf, isAbort } from '../failure.ts';
import { useNow } from '../hooks.ts';
import { addressOf, type Route } from '../router.ts';
import { useSession } from '../session.ts';
import { clockText, durationText, instantOf } from '../time.ts';
import { FailureNotice } from './failure-notice.tsx';
import { AddressText, ForeignText } from './foreign-text.tsx';
import { Ladder } from './ladder.tsx';
import { OutcomePill } from './outcome-pill.tsx';
import { SipMessageView } from './sip-message-view.tsx';

type RecordRoute = Extract<Route, { view: 'record' }>;

/** One call: what it is doing or how it ended, the verdict, and its messages. */
export function CallPanel({
  call,
  route,
  isOpen,
  onChange,
}: {
  call: Call;
  route: RecordRoute;
  isOpen: boolean;
  onChange: (call: Call) => void;
}) {
  const { go } = useSession();
  const [hangUpFailure, setHangUpFailure] = useState<Failure>();
  const messages = useMessages(call, isOpen);
  const analysis = analyzeCall(call, messages.analysis);
  const target = call.destination?.target ?? call.id;
  const open = () => go({ view: 'record', id: route.id, callId: call.id }, { replace: true });
  return (
    <article class="call" aria-label={`Call to ${plainText(target)}`}>
      <header>
        <h2>
          <AddressText address={call.destination} />
        </h2>
        <OutcomePill analysis={analysis} />
        {!isEnded(call) && <LiveTime call={call} />}
        {!isEnded(call) && <HangUp call={call} onChange={onChange} onFailure={setHangUpFailure} />}
        {!isOpen && (
          <button type="button" class="small" onClick={open}>
            Show messages
          </button>
        )}
      </header>
      {hangUpFailure !== undefined && <FailureNotice failure={hangUpFailure} />}
      {isEnded(call) && (
        <p class="verdict">
          <ForeignText value={analysis.verdict} />
        </p>
      )}
      <CallFacts analysis={analysis} stats={messages.analysis?.rtcp_stats} />
      {isOpen && (
        <Messages
          call={call}
          analysis={messages.analysis}
          steps={analysis.steps}
          isLoaded={messages.isLoaded}
          route={route}
        />
      )}
      {messages.failure !== undefined && (
        <FailureNotice failure={messages.failure} onRetry={messages.reload} />
      )}
    </article>
  );
}

/** Reads a call's messages, again whenever its status changes. */
function useMessages(call: Call, isWanted: boolean) {
  const { api } = useSession();
  const [analysis, setAnalysis] = useState<SipAnalysis>();
  const [isLoaded, setLoaded] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [attempt, setAttempt] = useState(0);

  // New messages come with a change of status.
  useEffect(() => {
    if (!isWanted) return;
    const controller = new AbortController();
    api.getAnalysis(call, controller.signal).then(
      (found) => {
        if (controller.signal.aborted) return;
        setAnalysis(found);
        setLoaded(true);
        setFailure(undefined);
      },
      (error: unknown) => {
        if (!controller.signal.aborted && !isAbort(error)) setFailure(failureOf(error));
      },
    );
    return () => controller.abort();
  }, [call.id, call.status, isWanted, attempt]);

  return { analysis, isLoaded, failure, reload: () => setAttempt((count) => count + 1) };
}

function HangUp({
  call,
  onChange,
  onFailure,
}: {
  call: Call;
  onChange: (call: Call) => void;
  onFailure: (failure: Failure | undefined) => void;
}) {
  const { api, announce } = useSession();
  const [isBusy, setBusy] = useState(false);

  async function hangUp() {
    setBusy(true);
    onFailure(undefined);
    try {
      onChange(await api.hangUp(call.id));
      announce('Hanging up.');
    } catch (error) {
      onFailure(failureOf(error));
    }
    setBusy(false);
  }

  return (
    <button
      type="button"
      class="danger small"
      onClick={hangUp}
      disabled={isBusy || call.status === 'canceling' || call.status === 'terminating'}
    >
      Hang up
    </button>
  );
}

/** How long the call has been ringing or talking. */
function LiveTime({ call }: { call: Call }) {
  const now = useNow(1_000);
  const since = instantOf(call.tm_progressing) ?? instantOf(call.tm_ringing) ?? instantOf(call.tm_create);
  if (since === undefined) return null;
  const seconds = Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1_000));
  return <span class="muted numeric">{clockText(seconds)}</span>;
}

type Analysis = ReturnType<typeof analyzeCall>;

function CallFacts({ analysis, stats }: { analysis: Analysis; stats: RtcpStats | null | undefined }) {
  const { sipStatus, reasonPhrase, postDialDelayMs, ringMs, talkMs, hangupReason, hungUpBy } = analysis;
  const status = sipStatus === undefined ? undefined : [sipStatus, reasonPhrase].join(' ').trim();
  const meaning = sipStatus === undefined ? undefined : explainSipStatus(sipStatus)?.text;
  const side = hungUpBy === undefined ? undefined : hungUpBy === 'remote' ? 'the other side' : 'this side';
  const loss = stats?.packet_loss_pct === undefined ? undefined : `${stats.packet_loss_pct}%`;
  const facts = [
    ...fact('SIP', status, meaning),
    ...fact('Post-dial delay', timeText(postDialDelayMs)),
    ...fact('Rang', timeText(ringMs)),
    ...fact('Talked', timeText(talkMs)),
    ...fact('Hangup reason', hangupReason),
    ...fact('Ended by', side),
    ...fact('RTP packets', stats?.rtp_packets?.toString()),
    // The platform sends 0 for what was not measured; no MOS is below 1.
    ...fact('MOS', stats?.mos === 0 ? undefined : stats?.mos?.toFixed(1)),
    ...fact('Packet loss', loss),
  ];
  if (facts.length === 0) return null;
  return (
    <dl class="call-facts">
      {facts.map(({ name, value, title }) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>
            <ForeignText value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

type CallFact = { name: string; value: string; title: string | undefined };

/** Returns a fact to show, or nothing if it is not known. */
function fact(name: string, value: string | undefined, title?: string): CallFact[] {
  return value === undefined ? [] : [{ name, value, title }];
}

function timeText(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : durationText(milliseconds);
}

function Messages({
  call,
  analysis,
  steps,
  isLoaded,
  route,
}: {
  call: Call;
  analysis: SipAnalysis | undefined;
  steps: Analysis['steps'];
  isLoaded: boolean;
  route: RecordRoute;
}) {
  const { go } = useSession();
  const selected = route.callId === call.id ? route.message : undefined;
  const message = selected === undefined ? undefined : analysis?.sip_messages[selected];
  const messageRoute = (index?: number): RecordRoute => ({
    view: 'record',
    id: route.id,
    callId: call.id,
    ...(index !== undefined && { message: index }),
  });
  if (!isLoaded) return null;
  if (steps.length === 0) {
    return (
      <p class="muted">
        Nothing of this call was captured on the wire
        {isEnded(call) ? ': it may never have left the platform' : ' yet'}.
      </p>
    );
  }
  return (
    <div class="messages">
      <div>
        <Ladder
          steps={steps}
          selected={selected}
          addressOfMessage={(index) => addressOf(messageRoute(index))}
        />
        <p class="actions">
          <Capture callId={call.id} />
          <span class="hint">An arrow opens the whole message.</span>
        </p>
      </div>
      {message !== undefined && (
        <SipMessageView message={message} onClose={() => go(messageRoute(), { replace: true })} />
      )}
    </div>
  );
}

/** Saves the messages as a capture file, which Wireshark and sngrep open. */
function Capture({ callId }: { callId: string }) {
  const { api } = useSession();
  const [isEmpty, setEmpty] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  async function save() {
    setFailure(undefined);
    try {
      const bytes = await api.platform.getPcap(callId);
      setEmpty(bytes === undefined);
      if (bytes !== undefined) download(`call-${callId}.pcap`, 'application/vnd.tcpdump.pcap', bytes);
    } catch (error) {
      setFailure(failureOf(error));
    }
  }

  return (
    <>
      <button type="button" class="small" onClick={save}>
        Download pcap
      </button>
      {isEmpty && <span role="status">No messages of this call were captured.</span>}
      {failure !== undefined && <FailureNotice failure={failure} />}
    </>
  );
}
