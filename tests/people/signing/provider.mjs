// A certified OpenID provider (npm oidc-provider) dressed as ID-porten: pushed requests required, private_key_jwt,
// pairwise-looking subjects, the claims pid, acr, amr, sid and locale, logout in both directions. Nobody types anything:
// who signs in, and how surely, stands in the cookie `who` of the test's browser, `<pid>.<acr>`.
//
// node provider.mjs <port>, with the clients as JSON on standard input; it prints a line when it listens.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Provider, { interactionPolicy } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const clients = JSON.parse(readFileSync(0, 'utf8'));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const people = new Map(); // subject -> national number

const policy = interactionPolicy.base();
const { Check } = interactionPolicy;
policy.get('login').checks.add(new Check('acr', 'known too loosely', 'login_required', (ctx) => {
  const { session, params, result } = ctx.oidc;
  const wanted = params.acr_values?.split(' ') ?? [];
  return Check[!result && session.accountId && wanted.length && !wanted.includes(session.acr)
    ? 'REQUEST_PROMPT' : 'NO_NEED_TO_PROMPT'];
}));

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'first' }] },
  cookies: { keys: ['test'] },
  acrValues: ['idporten-loa-substantial', 'idporten-loa-high'],
  claims: { openid: ['sub', 'pid', 'locale'], profile: ['name'], acr: null, amr: null, sid: null, auth_time: null },
  conformIdTokenClaims: false,
  clientAuthMethods: ['private_key_jwt'],
  scopes: ['openid', 'profile'],
  pkce: { required: () => true },
  responseTypes: ['code'],
  ttl: { Session: 3600, Grant: 3600, Interaction: 600, IdToken: 120, AccessToken: 120, AuthorizationCode: 30 },
  interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, subject) => ({
    accountId: subject,
    claims: () => ({ sub: subject, pid: people.get(subject), locale: 'nb' }),
  }),
  async loadExistingGrant(ctx) {
    const { client, session, result } = ctx.oidc;
    const kept = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
    if (kept) return ctx.oidc.provider.Grant.find(kept);
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      // The browser is asked to send the form; ours does not ask.
      logoutSource: (ctx, form) => { ctx.body = `<!doctype html>${form}`; },
    },
  },
  // Our program stands on loopback, and answers late when the machine is busy.
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined, signal: AbortSignal.timeout(60_000) }),
  renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const [pid, acr] = (ctx.cookies.get('who') ?? '').split('.');
  if (!pid) {
    return provider.interactionFinished(ctx.req, ctx.res, { error: 'access_denied' });
  }
  const subject = createHash('sha256').update(pid).digest('base64url');
  people.set(subject, pid);
  return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: subject, acr, amr: ['BankID'] } });
});

provider.on('server_error', (_, error) => console.error(error));
provider.on('backchannel.error', (_, error) => console.error('back-channel', error.message));
provider.listen(port, '127.0.0.1', () => console.log('listening'));
