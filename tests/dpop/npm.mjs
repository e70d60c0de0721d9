// Makes npm.json, DPoP proofs and access tokens of other implementations:
//   npm install jose@6.2.18 dpop@2.1.2 && node npm.mjs > npm.json
import { generateKeyPair, generateProof, calculateThumbprint } from 'dpop'
import * as jose from 'jose'

const ISSUER = 'https://issuer.example'
const issuer = await jose.generateKeyPair('ES256', { extractable: true })
const jwk = await jose.exportJWK(issuer.publicKey)
const cases = []
for (const alg of ['ES256', 'Ed25519', 'PS256', 'RS256']) {
  const keys = await generateKeyPair(alg)
  const jkt = await calculateThumbprint(keys.publicKey)
  const token = await new jose.SignJWT({ client_id: 'web-shop', cnf: { jkt } })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: '2026-11' })
    .setIssuer(ISSUER).setAudience('https://api.example').setSubject('user-42')
    .setIssuedAt().setExpirationTime('5m').setJti(crypto.randomUUID())
    .sign(issuer.privateKey)
  const uri = 'https://api.example/orders/%7Eme'
  cases.push({
    alg, jkt, uri, token,
    time: Math.floor(Date.now() / 1000),
    // Made by the package `dpop`.
    proof: await generateProof(keys, uri, 'GET', undefined, token),
    for_token_request: await generateProof(keys, 'https://issuer.example/token', 'POST'),
    // Made by `jose`.
    by_jose: await new jose.SignJWT({
      htm: 'GET', htu: uri,
      ath: Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))).toString('base64url'),
    })
      .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: await jose.exportJWK(keys.publicKey) })
      .setIssuedAt().setJti(crypto.randomUUID()).sign(keys.privateKey),
  })
}
console.log(JSON.stringify({ keys: [{ ...jwk, alg: 'ES256', kid: '2026-11' }], cases }, null, 1))
