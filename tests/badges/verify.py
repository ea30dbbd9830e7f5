#!/usr/bin/env python3
"""What an independent verifier of Open Badges 3.0 (openbadgeslib, from PyPI) says of our credentials.

    ENTENTE=target/debug/entente python3 tests/badges/verify.py

It gets what anybody gets: a JWT, or a picture with one in it, the key at the address that the JWT's header names, and the
status list that the credential names. It must take a good one, and refuse one that was altered, has expired or was revoked.
"""

import base64
import datetime
import io
import json
import os
import time
import unittest
import urllib.request

import jwt
import png
from openbadgeslib import baking, util, verify
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

from server import Server


def download(address):
    """In place of the verifier's own, which asks no server of this machine, nor one without TLS."""
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def day(ago):
    return (datetime.date.today() - datetime.timedelta(days=ago)).isoformat()


def part(token, which):
    text = token.split(".")[which]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def with_payload(token, payload):
    head, _, signature = token.split(".")
    changed = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    return f"{head}.{changed}.{signature}"


def with_token(picture, token):
    """The PNG with another token baked in."""
    bare = io.BytesIO()
    png.write_chunks(bare, [chunk for chunk in png.Reader(bytes=picture).chunks() if chunk[0] != b"iTXt"])
    return baking.bake_png(bare.getvalue(), token, keyword=baking.ITXT_KEYWORD_OB3)


class Badges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(os.environ.get("ENTENTE", "target/debug/entente"))
        cls.addClassCleanup(cls.server.stop)
        cls.server.furnish()
        cls.good = cls.server.award("Ada", "basics", day(30))
        cls.expired = cls.server.award("Ben", "basics", day(3 * 366))
        cls.revoked = cls.server.award("Cleo", "basics", day(20))
        cls.server.revoke(cls.revoked)

    def fetch(self, credential, what):
        return self.server.ask(f"/credentials/{credential}/{what}")

    def token(self, credential):
        return self.fetch(credential, "jwt").decode()

    def key(self, token):
        """What the header's address answers, if it is one of the issuer's."""
        address = part(token, 0)["kid"]
        self.assertTrue(address.startswith(f"{self.server.url}/credentials/issuer/keys/"), address)
        return jwt.PyJWK(json.loads(download(address))).key

    def verify(self, token, key=None, status=True, fetch=download):
        verifier = OB3Verifier(key or self.key(token))
        return verifier.verify(token, check_status=status, download=fetch)

    def look_at(self, picture, key):
        return verify.verify_badge(picture, "3", pubkey_pem=key, check_status=True, download=download)

    def assert_refused(self, why, token, **how):
        with self.assertRaisesRegex(OB3VerificationError, why):
            self.verify(token, **how)

    def test_a_good_one_is_accepted(self):
        token = self.token(self.good)
        seen = self.verify(token)
        self.assertEqual(seen.id, f"{self.server.url}/credentials/{self.good}")
        self.assertEqual((seen.issuer.id, seen.issuer.name), (f"{self.server.url}/credentials/issuer", "Northwind Academy"))
        self.assertEqual((seen.achievement.name, seen.achievement.achievement_type), ("Technical professional", "Certification"))
        self.assertIn("Platform basics", seen.achievement.criteria_narrative)
        self.assertEqual(len(seen.credential_status), 1)
        name, address = seen.identifiers
        self.assertEqual((name.identity_type, name.hashed, name.identity_hash), ("name", False, "Ada"))
        hashed = lambda of: "sha256$" + util.hash_email(of, address.salt).decode()
        self.assertEqual(address.identity_hash, hashed("ada@northwind.example"))
        self.assertNotEqual(address.identity_hash, hashed("ben@northwind.example"))
        self.assertNotIn("ada@", json.dumps(part(token, 1)))

    def test_its_pictures_are_accepted_and_hold_the_same(self):
        token = self.token(self.good)
        for what, extract in (("badge.svg", OB3Verifier.extract_token_from_svg), ("badge.png", OB3Verifier.extract_token_from_png)):
            picture = self.fetch(self.good, what)
            self.assertEqual(extract(picture), token, what)
            seen = self.look_at(picture, self.key(token))
            self.assertTrue(seen.valid and seen.trusted, seen.reason)

    def test_one_that_was_altered_is_refused(self):
        token, key = self.token(self.good), self.key(self.token(self.good))
        payload = part(token, 1)
        for member, value in (("name", "Everything"), ("validUntil", "2999-01-01T00:00:00Z"), ("exp", 32472144000), ("iss", "https://other.example")):
            self.assert_refused("Invalid signature", with_payload(token, payload | {member: value}))
        del payload["credentialStatus"]
        self.assert_refused("Invalid signature", with_payload(token, payload))
        head, body, signature = token.split(".")
        self.assert_refused("Invalid signature", f"{head}.{body}.{self.token(self.revoked).split('.')[2]}")
        none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
        self.assert_refused("not allowed", f"{none}.{body}.", key=key)
        altered = with_payload(token, payload)
        svg = self.fetch(self.good, "badge.svg").replace(token.encode(), altered.encode())
        for picture in (svg, with_token(self.fetch(self.good, "badge.png"), altered)):
            seen = self.look_at(picture, key)
            self.assertEqual((seen.valid, seen.reason), (False, "OB3 verification failed: Invalid signature"))
        seen = self.look_at(with_token(self.fetch(self.good, "badge.png"), token), key)
        self.assertTrue(seen.valid, "baking alone changes nothing")

    def test_one_that_somebody_else_has_signed_is_refused(self):
        from cryptography.hazmat.primitives.asymmetric import ec

        token = self.token(self.good)
        forged = jwt.encode(part(token, 1), ec.generate_private_key(ec.SECP256R1()), "ES256", part(token, 0))
        self.assert_refused("Invalid signature", forged)

    def test_one_that_has_expired_is_refused(self):
        token = self.token(self.expired)
        self.assert_refused("expired", token)
        self.assertFalse(self.look_at(self.fetch(self.expired, "badge.svg"), self.key(token)).valid)
        self.assertIn(b"Expired", self.server.ask(f"/credentials/{self.expired}", accept="text/html"))

    def test_one_that_was_revoked_is_refused_for_its_status_alone(self):
        token = self.token(self.revoked)
        self.verify(token, status=False)
        self.assert_refused("status 'revocation' is set", token)
        for what in ("badge.svg", "badge.png"):
            self.assertFalse(self.look_at(self.fetch(self.revoked, what), self.key(token)).valid, what)
        self.assertIn(b"Revoked", self.server.ask(f"/credentials/{self.revoked}", accept="text/html"))

    def test_one_that_is_revoked_later_is_refused_from_then_on(self):
        credential = self.server.award("Dora", "basics", day(10))
        token = self.token(credential)
        self.verify(token)
        self.server.revoke(credential)
        self.assert_refused("status 'revocation' is set", token)

    def test_a_status_that_we_have_not_signed_is_not_believed(self):
        token = self.token(self.revoked)
        listed = download(f"{self.server.url}/credentials/{self.revoked}/status").decode()
        fine = part(download(f"{self.server.url}/credentials/{self.good}/status").decode(), 1)["credentialSubject"]
        forged = with_payload(listed, part(listed, 1) | {"credentialSubject": fine})
        self.assert_refused("proof is invalid", token, fetch=lambda _: forged.encode())

    def test_what_an_earlier_key_has_signed_is_still_accepted(self):
        old = self.token(self.good)
        self.server.rotate_keys()
        for _ in range(100):
            new = self.token(self.good)
            if part(new, 0)["kid"] != part(old, 0)["kid"]:
                break
            time.sleep(0.2)
        self.assertNotEqual(part(new, 0)["kid"], part(old, 0)["kid"])
        self.verify(new)
        # Of an issuer with an address, this verifier takes one key for the credential and its status.
        self.verify(old, status=False)
        self.assertEqual(part(old, 1), part(new, 1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
