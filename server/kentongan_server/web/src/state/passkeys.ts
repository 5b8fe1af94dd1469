// Passkeys: from the centre's JSON to what the browser wants, and back (WebAuthn Level 3, 5.1.8 to 5.1.10).

type Json = Record<string, unknown>;

interface JsonDescriptor {
  readonly id: string;
  readonly type: "public-key";
  readonly transports?: readonly string[];
}

/** Whether this browser knows passkeys at all; it does so only on safe addresses. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential === "function";
}

/** Makes a passkey of the centre's options; null when none was made. Raises `DOMException` as the browser does. */
export async function makePasskey(options: Json): Promise<object | null> {
  const { user } = options as { user: { id: string } };
  const publicKey = {
    ...options,
    challenge: fromText(options["challenge"]),
    user: { ...user, id: fromText(user.id) },
    excludeCredentials: descriptors(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = await navigator.credentials.create({ publicKey });
  if (!(made instanceof PublicKeyCredential)) return null;
  const response = made.response as AuthenticatorAttestationResponse;
  return answer(made, {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    transports: response.getTransports(),
  });
}

/** Answers the centre's question with a passkey; null when none was used. */
export async function usePasskey(options: Json): Promise<object | null> {
  const publicKey = {
    ...options,
    challenge: fromText(options["challenge"]),
    allowCredentials: descriptors(options["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
  const used = await navigator.credentials.get({ publicKey });
  if (!(used instanceof PublicKeyCredential)) return null;
  const response = used.response as AuthenticatorAssertionResponse;
  return answer(used, {
    clientDataJSON: toText(response.clientDataJSON),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle ? toText(response.userHandle) : null,
  });
}

function answer(credential: PublicKeyCredential, response: object): object {
  const { id, rawId, type, authenticatorAttachment } = credential;
  return { id, rawId: toText(rawId), type, authenticatorAttachment, response, clientExtensionResults: {} };
}

function descriptors(list: unknown): object[] {
  return ((list ?? []) as readonly JsonDescriptor[]).map((one) => ({ ...one, id: fromText(one.id) }));
}

/** Bytes of base64url without padding. */
export function fromText(text: unknown): Uint8Array<ArrayBuffer> {
  const binary = atob(String(text).replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

export function toText(bytes: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
