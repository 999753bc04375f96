import { useState } from 'preact/hooks';
import { type Credential, parseCredential, rejectionCauses } from '../credential.ts';

/** Asks for a credential; after a rejected one it lists the possible causes. */
export function SignIn({
  rejected,
  onSignIn,
}: {
  /** The credential of the last session, if the API rejected it or it expired. */
  rejected: Credential | undefined;
  onSignIn: (credential: Credential) => void;
}) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();

  function submit(event: Event) {
    event.preventDefault();
    const credential = parseCredential(text);
    if (credential === undefined) {
      setProblem('This is neither a token (three parts separated by dots) nor an access key (vb_…).');
    } else onSignIn(credential);
  }

  return (
    <main id="main" class="sign-in" tabIndex={-1}>
      <h1>Sign in</h1>
      {rejected !== undefined && (
        <div class="notice bad" role="alert">
          <p class="notice-title">The API did not accept your credential</p>
          <p>Possible causes:</p>
          <ul>
            {rejectionCauses(rejected, new Date()).map((cause) => (
              <li key={cause}>{cause}</li>
            ))}
          </ul>
          <p>What you typed elsewhere is kept. After signing in you return to where you were.</p>
        </div>
      )}
      <form onSubmit={submit}>
        <label for="credential">Token or access key</label>
        <textarea
          id="credential"
          rows={4}
          value={text}
          autoComplete="off"
          autoCapitalize="off"
          spellcheck={false}
          required
          aria-describedby="credential-hint"
          {...(problem !== undefined && { 'aria-invalid': true, 'aria-errormessage': 'credential-problem' })}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            setProblem(undefined);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey) submit(event);
          }}
        />
        {problem !== undefined && (
          <p class="problem" id="credential-problem" role="alert">
            {problem}
          </p>
        )}
        <p class="hint" id="credential-hint">
          A project super-admin’s token, or an access key. It stays in this tab only, until you close it or
          sign out. On your own machine, <code>npm run -s token</code> prints one.
        </p>
        <p class="actions">
          <button type="submit" class="primary">
            Sign in
          </button>
        </p>
      </form>
    </main>
  );
}
