// Runs the conformance corpus with jose, and prints how often the results agree. With `--list`, prints
// the cases that differ to standard error. The README of the corpus states how a policy is mapped.
//
// Usage: node jose.mjs DIRECTORY [--list], where DIRECTORY has `node_modules/jose`.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(join(resolve(process.argv[2]), "package.json"));
const jose = await import(pathToFileURL(require.resolve("jose")));

const COLUMNS = ["agree", "accepts: must", "accepts: should", "rejects: must", "rejects: should", "choice",
  "not expressible", "crash"];

// The options of `jwtVerify`, or nothing if one is missing. It knows all algorithms of the corpus.
function options(policy, now) {
  const { algorithms, issuer, audience, audience_mode, subject, typ, leeway, max_age, ...others } = policy;
  const required = policy.required ?? [];
  delete others.required;
  delete others.allow_missing_expiration;
  // No option changes how null is read.
  delete others.null_as_missing;
  if (Object.keys(others).length > 0 || audience_mode === "sole" || typ?.length > 1 || subject?.length > 1) {
    return undefined;
  }
  const requiredClaims = policy.allow_missing_expiration ? required : ["exp", ...required];
  return {
    algorithms, issuer, audience, requiredClaims,
    subject: subject?.[0],
    typ: typ?.[0],
    clockTolerance: leeway ?? 0,
    maxTokenAge: max_age,
    currentDate: new Date(now * 1000),
  };
}

// What `jwtVerify` takes: a set of public keys, or a symmetric key, which sets do not hold.
function keyOf(keys) {
  const set = typeof keys === "string" ? JSON.parse(keys) : keys;
  const isSecret = set?.keys?.length > 0 && Array.isArray(set.keys) && set.keys.every((key) => key?.kty === "oct");
  if (!isSecret) {
    return jose.createLocalJWKSet(set);
  }
  return set.keys.length === 1 ? set.keys[0] : undefined;
}

async function run({ keys, token, parts, policy, now }) {
  const chosen = options(policy, now);
  if (chosen === undefined) {
    return "not expressible";
  }
  try {
    const key = keyOf(keys);
    if (key === undefined) {
      return "not expressible";
    }
    const text = token ?? parts.map(({ text, repeat }) => text.repeat(repeat)).join("");
    await jose.jwtVerify(text, key, chosen);
    return "accept";
  } catch (error) {
    // The types that its documentation names, and those of Web Crypto for keys that it cannot import.
    const isExpected = error instanceof jose.errors.JOSEError || error instanceof TypeError
      || error instanceof DOMException || error instanceof SyntaxError;
    return isExpected ? "reject" : "crash";
  }
}

function column(outcome, { expect, level }) {
  if (outcome === expect) {
    return "agree";
  }
  if (outcome === "crash" || outcome === "not expressible") {
    return outcome;
  }
  return level === "choice" ? "choice" : `${outcome}s: ${level}`;
}

const corpus = join(import.meta.dirname, "..");
const files = readdirSync(corpus).filter((name) => name.endsWith(".json") && name !== "schema.json");
const isListed = process.argv.includes("--list");
console.log(`| area | ${COLUMNS.join(" | ")} |\n|---${"|---".repeat(COLUMNS.length)}|`);
for (const file of files.sort()) {
  const { area, cases } = JSON.parse(readFileSync(join(corpus, file), "utf8"));
  const counts = COLUMNS.map(() => 0);
  for (const one of cases) {
    const found = column(await run(one), one);
    counts[COLUMNS.indexOf(found)] += 1;
    if (isListed && found !== "agree") {
      console.error(`${found}: ${one.id}`);
    }
  }
  console.log(`| ${area} | ${counts.join(" | ")} |`);
}
