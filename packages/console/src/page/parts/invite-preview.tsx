import { InvitePlanError, type InvitePlanInput, planInvite } from '@provider-call/sip/invite-plan';
import { ForeignText } from './foreign-text.tsx';

type Address = InvitePlanInput['destination'];

const MAX_SHOWN = 3;

/** What the provider will be sent: Request-URI, From, asserted identity and headers, as the platform builds them. */
export function InvitePreview({
  provider,
  source,
  destinations,
  anonymous,
}: Pick<InvitePlanInput, 'provider' | 'source' | 'anonymous'> & { destinations: readonly Address[] }) {
  if (provider.hostname === '' || destinations.length === 0) {
    return (
      <p class="muted">Choose a provider and enter a destination to see what the provider will be sent.</p>
    );
  }
  const shown = destinations.slice(0, MAX_SHOWN);
  return (
    <>
      {shown.map((destination, index) => (
        <InviteOf key={index} {...{ provider, source, destination, anonymous }} />
      ))}
      {destinations.length > shown.length && (
        <p class="muted">… and {destinations.length - shown.length} more in the same way.</p>
      )}
    </>
  );
}

function InviteOf(input: InvitePlanInput) {
  const plan = planOf(input);
  if (typeof plan === 'string') {
    return (
      <p class="notice bad">
        This call will not leave the platform: <ForeignText value={plan} />.
      </p>
    );
  }
  return (
    <dl class="invite">
      <div>
        <dt>Request-URI</dt>
        <dd>
          <ForeignText value={plan.requestUri} ltr />
        </dd>
      </div>
      <div>
        <dt>From</dt>
        <dd>
          <ForeignText value={plan.from} ltr />
        </dd>
      </div>
      {plan.headers.map(({ name, value }) => (
        <div key={name}>
          <dt>
            <ForeignText value={name} ltr />
          </dt>
          <dd>
            <ForeignText value={value} ltr />
          </dd>
        </div>
      ))}
      {!plan.headers.some(({ name }) => name === 'P-Asserted-Identity') && (
        <div>
          <dt>P-Asserted-Identity</dt>
          <dd class="muted">none: From carries the caller</dd>
        </div>
      )}
      {plan.skipped.length > 0 && (
        <div>
          <dt>Left out</dt>
          <dd>
            <ForeignText value={plan.skipped.join(', ')} ltr />: the platform sets these itself
          </dd>
        </div>
      )}
    </dl>
  );
}

/** Returns the plan, or why there is none. */
function planOf(input: InvitePlanInput) {
  try {
    return planInvite(input);
  } catch (error) {
    if (error instanceof InvitePlanError) return error.message;
    throw error;
  }
}
