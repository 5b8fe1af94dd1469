"""WebAuthn by py_webauthn: which answers of authenticators are valid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kentongan_server.application.passkeys import NewKey, PasskeyError
from kentongan_server.application.tickets import TICKET_MS

NAME = "Kentongan"
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
CREDENTIAL_MAX = 1_023  # bytes (WebAuthn 3, 4: credential ID)
# What the library's parsers may raise over bytes that anybody can send, besides its own.
_BROKEN = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError)


class WebauthnVerifier:
    """Implements `application.passkeys.Verifier`.

    Args:
        origin: where browsers open the console; passkeys are bound to its host's name.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._rp_id = urlsplit(origin).hostname or ""

    def registration_options(
        self, handle: bytes, name: str, full_name: str, challenge: bytes, known: list[bytes]
    ) -> dict[str, Any]:
        options = webauthn.generate_registration_options(
            rp_id=self._rp_id,
            rp_name=NAME,
            user_id=handle,
            user_name=name,
            user_display_name=full_name,
            challenge=challenge,
            timeout=TICKET_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
            supported_pub_key_algs=ALGORITHMS,
        )
        return options_to_json_dict(options)

    def registered(self, answer: Mapping[str, Any], challenge: bytes) -> NewKey:
        try:
            found = webauthn.verify_registration_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
                supported_pub_key_algs=ALGORITHMS,
            )
        except _BROKEN as error:
            raise PasskeyError("this passkey cannot be registered.", "Begin again, or try another device.") from error
        return NewKey(found.credential_id, found.credential_public_key, found.sign_count)

    def login_options(self, challenge: bytes) -> dict[str, Any]:
        options = webauthn.generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=TICKET_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def claimed(self, answer: Mapping[str, Any]) -> tuple[bytes, bytes]:
        try:
            credential = base64url_to_bytes(answer["rawId"])
            handle = base64url_to_bytes(answer["response"]["userHandle"])
        except _BROKEN as error:
            raise PasskeyError("this is no answer of a passkey.") from error
        if not 0 < len(credential) <= CREDENTIAL_MAX:
            raise PasskeyError("this is no answer of a passkey.")
        return credential, handle

    def sign_count(self, answer: Mapping[str, Any], challenge: bytes, public_key: bytes) -> int:
        try:
            found = webauthn.verify_authentication_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,  # judged by us, once the signature is known to be right
                require_user_verification=True,
            )
        except _BROKEN as error:
            raise PasskeyError("this is not the answer of that passkey.") from error
        return found.new_sign_count
