import type { Provider } from '@provider-call/client';
import { plainText } from '../display-text.ts';
import { agoText, instantOf } from '../time.ts';
import { ForeignText } from './foreign-text.tsx';
import { TimeText } from './time-text.tsx';

const LABELS: ReadonlyMap<string, { label: string; tone: string; cause: string }> = new Map([
  ['healthy', { label: 'Healthy', tone: 'good', cause: 'It responded to OPTIONS.' }],
  [
    'unhealthy',
    { label: 'Unhealthy', tone: 'bad', cause: 'It did not respond to OPTIONS several times in a row.' },
  ],
  ['unknown', { label: 'Not known', tone: 'neutral', cause: 'It has not been checked yet.' }],
]);

/** A provider's health and how long ago it was checked. */
export function HealthPill({ provider }: { provider: Provider }) {
  const { label, tone, cause } = healthOf(provider);
  const checkedAt = instantOf(provider.health_checked_at);
  return (
    <span class="health">
      <span class={`pill ${tone}`} title={plainText(cause)}>
        <ForeignText value={label} />
      </span>
      {checkedAt !== undefined && <span class="muted"> {agoText(checkedAt, new Date())}</span>}
    </span>
  );
}

/** Returns what the platform's last check found, in its own words if there are any. */
function healthOf(provider: Provider): { label: string; tone: string; cause: string } {
  const { health_status: status, health_detail: detail } = provider;
  const health = LABELS.get(status) ?? { label: status, tone: 'neutral', cause: '' };
  return detail === '' ? health : { ...health, cause: `The OPTIONS check found: ${detail}.` };
}

/** A provider's health, when it was checked, and the reason for it. */
export function HealthDetail({ provider }: { provider: Provider }) {
  return (
    <p class="health-detail">
      <HealthPill provider={provider} /> <ForeignText value={healthOf(provider).cause} />{' '}
      {provider.health_checked_at !== null && (
        <span class="muted">
          Checked at <TimeText timestamp={provider.health_checked_at} />.
        </span>
      )}
    </p>
  );
}
