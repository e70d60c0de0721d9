"""Runs the conformance corpus with PyJWT, and prints how often the results agree.

With --list, prints the cases that differ to standard error. The README of the corpus states how a policy is mapped.
"""

import json
import pathlib
import sys
import warnings
from datetime import datetime, timezone
from unittest import mock

import jwt
from jwt.exceptions import PyJWTError

COLUMNS = ["agree", "accepts: must", "accepts: should", "rejects: must", "rejects: should", "choice",
           "not expressible", "crash"]


class NotExpressible(Exception):
    """The library has no option for a part of the policy."""


class Rejected(Exception):
    """The set has no key for the token."""


def options(policy):
    """Returns the arguments of `jwt.decode`."""
    policy = dict(policy)
    required = policy.pop("required", [])
    chosen = {"require": required, "enforce_minimum_key_length": True}
    if not policy.pop("allow_missing_expiration", False):
        chosen["require"] = ["exp", *required]
    mode = policy.pop("audience_mode", "any of")
    chosen["verify_aud"] = mode != "not compared"
    subject = policy.pop("subject", [None])
    arguments = {
        "algorithms": policy.pop("algorithms"),
        "issuer": policy.pop("issuer", None),
        "audience": policy.pop("audience", None),
        "leeway": policy.pop("leeway", 0),
        "subject": subject[0],
        "options": chosen,
    }
    if subject[0] is not None:
        chosen["require"].append("sub")
    policy.pop("null_as_missing", None)  # No option changes how null is read.
    is_known = jwt.algorithms.get_default_algorithms().keys() >= set(arguments["algorithms"])
    if policy or mode == "sole" or len(subject) > 1 or not is_known:
        raise NotExpressible
    return arguments


def key_of(keys, token):
    """Returns the key that the client of PyJWT selects from a set."""
    document = json.loads(keys) if isinstance(keys, str) else keys
    if "kid" not in jwt.get_unverified_header(token):
        found = jwt.PyJWKSet.from_dict(document).keys
        if len(found) > 1:
            raise NotExpressible  # It selects by `kid` only.
        return found[0]
    client = jwt.PyJWKClient("https://issuer.example/jwks")
    with mock.patch.object(client, "fetch_data", lambda: document):
        return client.get_signing_key_from_jwt(token)


def run(case):
    """Returns "accept", "reject", "not expressible" or "crash"."""
    try:
        arguments = options(case["policy"])
        token = case.get("token")
        if token is None:
            token = "".join(part["text"] * part["repeat"] for part in case["parts"])
        now = datetime.fromtimestamp(case["now"], timezone.utc)
        with mock.patch("jwt.api_jwt.datetime") as clock:
            clock.now = lambda tz: now
            jwt.decode(token, key_of(case["keys"], token), **arguments)
        return "accept"
    except NotExpressible:
        return "not expressible"
    except (PyJWTError, json.JSONDecodeError):
        return "reject"
    except Exception:  # Not one that its documentation names.
        return "crash"


def column(outcome, case):
    """Returns the column that counts an outcome."""
    if outcome == case["expect"]:
        return "agree"
    if outcome not in ("accept", "reject"):
        return outcome
    return "choice" if case["level"] == "choice" else f"{outcome}s: {case['level']}"


def main():
    """Prints the table and the list."""
    warnings.simplefilter("ignore")
    is_listed = "--list" in sys.argv
    print(f"| area | {' | '.join(COLUMNS)} |\n|---{'|---' * len(COLUMNS)}|")
    for path in sorted(pathlib.Path(__file__).resolve().parent.parent.glob("*.json")):
        if path.name == "schema.json":
            continue
        file = json.loads(path.read_text(encoding="utf-8"))
        counts = dict.fromkeys(COLUMNS, 0)
        for case in file["cases"]:
            found = column(run(case), case)
            counts[found] += 1
            if is_listed and found != "agree":
                print(f"{found}: {case['id']}", file=sys.stderr)
        print(f"| {file['area']} | {' | '.join(str(count) for count in counts.values())} |")


if __name__ == "__main__":
    main()
