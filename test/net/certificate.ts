import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate and its key, PEM, made on the spot so that no key lies in the repository. */
export type Certificate = { readonly cert: string; readonly key: string; readonly by: Issuer }
type Issuer = { readonly name: Buffer; readonly privateKey: KeyObject }

type Wanted = {
  readonly dnsName: string
  readonly issuer?: Certificate
  readonly from?: Date
  readonly to?: Date
}

const YEAR_MS = 365 * 86_400_000

/** An X.509 certificate (RFC 5280), ECDSA P-256 with SHA-256, self-signed unless an issuer is given. */
export function makeCertificate({ dnsName, issuer, from, to }: Wanted): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const name = sequence(set(sequence(oid('55 04 03'), tlv(0x0c, Buffer.from(dnsName)))))
  const by = issuer?.by ?? { name, privateKey }
  const algorithm = sequence(oid('2a 86 48 ce 3d 04 03 02'))
  const validity = sequence(
    time(from ?? new Date(Date.now() - YEAR_MS)),
    time(to ?? new Date(Date.now() + YEAR_MS)),
  )
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    by.name,
    validity,
    name,
    spki,
    tlv(0xa3, sequence(subjectAltName(dnsName), basicConstraints(issuer === undefined))),
  )
  const signature = sign('sha256', body, by.privateKey)
  const der = sequence(body, algorithm, bitString(signature))
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    by: { name, privateKey },
  }
}

function subjectAltName(dnsName: string): Buffer {
  const names = sequence(tlv(0x82, Buffer.from(dnsName)))
  return sequence(oid('55 1d 11'), tlv(0x04, names))
}

function basicConstraints(authority: boolean): Buffer {
  const flag = authority ? [tlv(0x01, Buffer.from([0xff]))] : []
  return sequence(oid('55 1d 13'), tlv(0x04, sequence(...flag)))
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts)
}

function set(...parts: readonly Buffer[]): Buffer {
  return tlv(0x31, ...parts)
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

function integer(bytes: Buffer): Buffer {
  return tlv(0x02, bytes)
}

function bitString(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.from([0]), bytes)
}

function time(at: Date): Buffer {
  return tlv(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
}
