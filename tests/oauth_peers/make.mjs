// Makes the tokens of peers.json with npm jose and oauth4webapi, at a fixed time:
//   npm install jose@6.2.18 oauth4webapi@3.8.8 && node make.mjs > peers.json
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'

const NOW = 1795435200
Date.now = () => NOW * 1000

const ISSUER = 'https://issuer.example'
const CLIENT = 'web-shop'
const tokens = []
const pairs = {}
for (const alg of ['ES256', 'PS256']) {
  pairs[alg] = await jose.generateKeyPair(alg, { extractable: true })
}
const jwk = async (alg) => ({ ...(await jose.exportJWK(pairs[alg].publicKey)), alg })

// The assertion that oauth4webapi sends with a request to the token endpoint.
async function assertion(auth) {
  const server = { issuer: ISSUER, token_endpoint: `${ISSUER}/token` }
  let sent
  await oauth.clientCredentialsGrantRequest(server, { client_id: CLIENT }, auth, {}, {
    [oauth.customFetch]: async (_url, { body }) => {
      sent = new URLSearchParams(body).get('client_assertion')
      return new Response('{}')
    },
  })
  return sent
}

for (const alg of ['ES256', 'PS256']) {
  const token = await assertion(oauth.PrivateKeyJwt({ key: pairs[alg].privateKey, kid: '1' }))
  tokens.push({ kind: 'client_assertion', by: 'oauth4webapi', alg, token, jwk: await jwk(alg) })
}
const secret = 'a secret that both sides know: 32 bytes or more'
tokens.push({
  kind: 'client_assertion', by: 'oauth4webapi', alg: 'HS256', secret,
  token: await assertion(oauth.ClientSecretJwt(secret)),
})

async function signed(kind, typ, claims) {
  const jwt = new jose.SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ, kid: '1' })
  const token = await jwt.sign(pairs.ES256.privateKey)
  tokens.push({ kind, by: 'jose', alg: 'ES256', token, jwk: await jwk('ES256') })
}

const common = { iss: ISSUER, iat: NOW, jti: 'bWJq' }
await signed('client_assertion', 'client-authentication+jwt', {
  iss: CLIENT, sub: CLIENT, aud: [ISSUER], jti: 'bWJq', exp: NOW + 60,
})
await signed('identity_assertion', 'oauth-id-jag+jwt', {
  ...common, sub: 'user-42', aud: 'https://chat.example', client_id: CLIENT, exp: NOW + 300,
  resource: 'https://api.chat.example', scope: 'chat.read chat.history',
})
await signed('security_event', 'secevent+jwt', {
  ...common, aud: CLIENT, txn: '8675309', toe: NOW - 5,
  sub_id: { format: 'email', email: 'user@example.com' },
  events: {
    'https://schemas.openid.net/secevent/caep/event-type/session-revoked': { event_timestamp: NOW },
  },
})
await signed('logout_token', 'logout+jwt', {
  ...common, sub: 'user-42', sid: '08a5019c-17e1', aud: CLIENT, exp: NOW + 120,
  events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
})
console.log(JSON.stringify(tokens, null, 2))
