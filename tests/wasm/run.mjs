// The library under node, against the cryptography of node: node --test run.mjs
// BINDINGS is the directory that the generator wrote.

import assert from 'node:assert/strict';
import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

const library = createRequire(import.meta.url)(join(process.env.BINDINGS, 'jwt_ring_wasm.js'));

const read = (name) => readFileSync(new URL(`../keys/${name}.pem`, import.meta.url));
const pair = (name) => ({ private: read(`${name}.pkcs8`), public: read(`${name}.spki`) });
const secret = Buffer.alloc(64, 7);
const rsa = pair('rsa2048');
const ed25519 = { ...pair('ed25519'), hash: null };
const pss = {
    padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
    saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
};
const ecdsa = { dsaEncoding: 'ieee-p1363' };
const hmac = { private: secret, public: secret, isHmac: true };

const algorithms = {
    HS256: { ...hmac, hash: 'sha256' },
    HS384: { ...hmac, hash: 'sha384' },
    HS512: { ...hmac, hash: 'sha512' },
    RS256: { ...rsa, hash: 'sha256' },
    RS384: { ...rsa, hash: 'sha384' },
    RS512: { ...rsa, hash: 'sha512' },
    PS256: { ...rsa, hash: 'sha256', options: pss },
    PS384: { ...rsa, hash: 'sha384', options: pss },
    PS512: { ...rsa, hash: 'sha512', options: pss },
    ES256: { ...pair('ecp256'), hash: 'sha256', options: ecdsa },
    ES384: { ...pair('ecp384'), hash: 'sha384', options: ecdsa },
    EdDSA: ed25519,
    Ed25519: ed25519,
};

const encode = (value) => Buffer.from(value).toString('base64url');
const seconds = () => Math.floor(Date.now() / 1000);
const inAMinute = () => ({ sub: 'user-42', exp: seconds() + 60 });

function signByNode(name, payload) {
    const { private: key, hash, isHmac, options } = algorithms[name];
    const input = `${encode(JSON.stringify({ alg: name }))}.${encode(payload)}`;
    const signature = isHmac
        ? crypto.createHmac(hash, key).update(input).digest()
        : crypto.sign(hash, input, { key, ...options });
    return `${input}.${encode(signature)}`;
}

function isSignedFor(name, key, token) {
    const { hash, isHmac, options } = algorithms[name];
    const [header, payload, text] = token.split('.');
    const [input, signature] = [`${header}.${payload}`, Buffer.from(text, 'base64url')];
    return isHmac
        ? crypto.createHmac(hash, key).update(input).digest().equals(signature)
        : crypto.verify(hash, input, { key, ...options }, signature);
}

// Runs with another function in place of one of the host.
function replaced(object, name, value, run) {
    const original = object[name];
    object[name] = value;
    try {
        return run();
    } finally {
        object[name] = original;
    }
}

const throws = (run, code) => assert.throws(run, (error) => error === code);

for (const [name, key] of Object.entries(algorithms)) {
    test(`${name}: node verifies what the library signs`, () => {
        const payload = JSON.stringify(inAMinute());
        const token = library.sign(name, key.private, payload);
        assert(isSignedFor(name, key.public, token));
        assert.deepEqual(JSON.parse(Buffer.from(token.split('.')[1], 'base64url')), JSON.parse(payload));
    });

    test(`${name}: the library verifies what node signs`, () => {
        const claims = inAMinute();
        const token = signByNode(name, JSON.stringify(claims));
        assert.deepEqual(JSON.parse(library.verify(name, key.public, token)), claims);

        const [header, , signature] = token.split('.');
        const changed = `${header}.${encode(JSON.stringify({ ...claims, sub: 'root' }))}.${signature}`;
        throws(() => library.verify(name, key.public, changed), 'invalid_signature');
    });

    test(`${name}: the library rejects an expired token`, () => {
        const token = signByNode(name, JSON.stringify({ exp: seconds() - 1 }));
        throws(() => library.verify(name, key.public, token), 'expired');
    });
}

for (const name of ['HS256', 'HS384', 'HS512', 'ES256', 'ES384', 'EdDSA', 'Ed25519']) {
    test(`${name}: a generated key signs`, () => {
        const { token, jwk, pem, secret } = JSON.parse(library.generate(name));
        const key = secret
            ? Buffer.from(secret)
            : crypto.createPublicKey({ format: 'jwk', key: jwk }).export({ format: 'pem', type: 'spki' });
        assert(isSignedFor(name, key, token));
        assert.equal(JSON.parse(library.verify(name, Buffer.from(key), token)).sub, 'user-42');
        if (jwk) {
            assert.equal(crypto.createPublicKey(pem).export({ format: 'jwk' }).x, jwk.x);
            assert.equal(JSON.parse(library.verify_with_set(JSON.stringify({ keys: [jwk] }), token)).sub, 'user-42');
        }
        const other = JSON.parse(library.generate(name));
        assert.notDeepEqual([other.jwk, other.secret], [jwk, secret]);
    });
}

test('a key is not generated if JavaScript has no random bytes', () => {
    const fail = () => { throw new Error('no random bytes'); };
    replaced(crypto.webcrypto, 'getRandomValues', fail, () => {
        throws(() => library.generate('ES256'), 'no_randomness');
    });
    library.generate('ES256');
});

test('an RSA key is not generated', () => {
    throws(() => library.generate('RS256'), 'cannot_generate');
});

test('the clock is that of the host', () => {
    const before = Date.now();
    const now = Number(library.now()) * 1000;
    const after = Date.now();
    assert(before <= Math.round(now) && Math.round(now) <= after, `${before} ${now} ${after}`);
});

test('the clock is read from Date.now', () => {
    const at = (milliseconds) => replaced(Date, 'now', () => milliseconds, library.now);
    assert.equal(at(1_796_169_600_123), '1796169600.123000000');
    assert.equal(at(0), '0.000000000');
    assert.equal(at(-1), '-1.999000000');
    assert.equal(at(NaN), '0.000000000');
    assert.equal(at(Infinity), '9223372036854775.807000000');
});

test('a cached token expires', () => {
    const cache = new library.Cache('ES256', algorithms.ES256.public);
    const claims = inAMinute();
    const token = signByNode('ES256', JSON.stringify(claims));
    for (let call = 0; call < 3; call += 1) {
        assert.deepEqual(JSON.parse(cache.verify(token)), claims);
    }
    const later = () => claims.exp * 1000;
    replaced(Date, 'now', later, () => throws(() => cache.verify(token), 'expired'));
    throws(() => cache.verify(`${token.slice(0, -1)}!`), 'malformed_signature');
});

test('the deepest and the largest payloads fit into the stack and the memory', () => {
    const nested = (levels) => `{"exp":${inAMinute().exp},"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const verify = (payload) => library.verify('HS256', secret, signByNode('HS256', payload));
    verify(nested(127));
    throws(() => verify(nested(128)), 'malformed_payload');

    // 48 KiB of JSON in 64 KiB of token, with many names.
    const names = Array.from({ length: 4_000 }, (_, n) => `"${n}":0`);
    const large = (count) => `{"exp":${inAMinute().exp},${names.slice(0, count).join(',')}}`;
    assert.equal(Object.keys(JSON.parse(verify(large(4_000)))).length, 4_001);
    throws(() => verify(`{"a":"${'x'.repeat(50_000)}"}`), 'too_large');
});
