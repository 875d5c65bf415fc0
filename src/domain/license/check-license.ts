// Whether a licence key is good. A licence is an EdDSA JWT: `iss` signalbox, `sub` the licensee, `exp`, and `features`. When one is needed is for
// the verbs to say.
import { importJWK, importSPKI, type JWTPayload, jwtVerify } from "jose";
import { DomainError } from "../errors.ts";

/** `publicKey`: SPKI PEM or a JWK as JSON (env LICENSE_PUBLIC_KEY). */
export type LicenseRules = { releaseMode: boolean; publicKey?: string | undefined };

export type License = { licensee: string; expiresAt: number; features: string[] };

const refused = (message: string): DomainError => new DomainError("license_required", message, { subject: "license" });

const importKey = (text: string) =>
  text.trimStart().startsWith("{")
    ? importJWK(JSON.parse(text), "EdDSA")
    : importSPKI(text.replaceAll("\\n", "\n"), "EdDSA");

const verify = async (licenseKey: string, publicKey: string, now: number): Promise<JWTPayload> => {
  const key = await importKey(publicKey).catch(() => {
    throw refused("License validation failed: LICENSE_PUBLIC_KEY is no Ed25519 public key");
  });
  try {
    const { payload } = await jwtVerify(licenseKey, key, {
      algorithms: ["EdDSA"],
      issuer: "signalbox",
      requiredClaims: ["sub", "exp", "features"],
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    const expired = error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED";
    throw refused(`License validation failed: the license key ${expired ? "has expired" : "is not valid"}`);
  }
};

/**
 * The licence in force, or null where none is needed (release mode is off; then no key is looked at).
 * Throws `license_required` when one is needed and missing, malformed, foreign or expired, or cannot be checked.
 */
export const checkLicense = async (
  rules: LicenseRules,
  licenseKey: string | undefined,
  now: number,
): Promise<License | null> => {
  if (!rules.releaseMode) return null;
  if (!rules.publicKey) throw refused("License validation failed: LICENSE_PUBLIC_KEY is not configured");
  if (!licenseKey) throw refused("License validation failed: a license_key is required");
  const { sub, exp, features } = await verify(licenseKey, rules.publicKey, now);
  if (typeof sub !== "string" || sub === "" || typeof exp !== "number")
    throw refused("License validation failed: the license key names no licensee");
  if (!Array.isArray(features) || !features.every((feature) => typeof feature === "string")) {
    throw refused("License validation failed: the license key names no features");
  }
  return { licensee: sub, expiresAt: exp * 1000, features };
};
