import type { SipMessage } from '@provider-call/client';
import { explainField, explainStartLine, isAskedAbout, splitMessage } from '../sip-text.ts';
import { instantOf, utcTime } from '../time.ts';
import { CopyButton } from './copy-button.tsx';
import { ForeignText } from './foreign-text.tsx';

/** A whole message, with explanations of its start line and the headers that admins ask about. */
export function SipMessageView({ message, onClose }: { message: SipMessage; onClose: () => void }) {
  const { startLine, headers, body } = splitMessage(message.raw);
  const status = explainStartLine(startLine);
  const instant = instantOf(message.timestamp);
  return (
    <section class="sip-message" aria-label="SIP message">
      <p class="muted">
        {instant !== undefined && utcTime(instant)} ·{' '}
        <ForeignText
          value={`${message.src_ip}:${message.src_port} → ${message.dst_ip}:${message.dst_port}`}
          ltr
        />
      </p>
      <p class="start-line">
        <ForeignText value={startLine} ltr />
      </p>
      {status !== undefined && <p class="explanation">{status}</p>}
      <dl class="headers">
        {headers.map((header, index) => {
          const explanation = explainField(header);
          return (
            <div key={index} class={isAskedAbout(header.name) ? 'asked' : ''}>
              <dt title={explanation}>
                <ForeignText value={header.name} ltr />
              </dt>
              <dd>
                <ForeignText value={header.value} ltr />
                {isAskedAbout(header.name) && explanation !== undefined && (
                  <p class="explanation">{explanation}</p>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
      {body !== '' && (
        <pre class="body">
          {body
            .trimEnd()
            .split(/\r?\n/)
            .map((line, index) => (
              <div key={index}>
                <ForeignText value={line} ltr />
              </div>
            ))}
        </pre>
      )}
      <p class="actions">
        <CopyButton text={message.raw} label="Copy" name="the message" />
        <button type="button" class="small" onClick={onClose}>
          Close message
        </button>
      </p>
    </section>
  );
}
