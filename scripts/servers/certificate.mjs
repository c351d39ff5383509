import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const OID = {
  commonName: '550403',
  ecdsaWithSha256: '2a8648ce3d040302',
  basicConstraints: '551d13',
  subjectAltName: '551d11',
}
const YEAR_MS = 365 * 24 * 60 * 60 * 1000

/**
 * A certificate for localhost and 127.0.0.1 that vouches for itself (X.509 version 3, RFC 5280), valid for a year: made anew each time, so
 * that no key lies in the repository and none expires there.
 * @returns {{ key: string, certificate: string }} both as PEM
 */
export function certificate() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(oid(OID.ecdsaWithSha256))
  const name = sequence(tlv(0x31, sequence(oid(OID.commonName), tlv(0x0c, 'millrace test server'))))
  const today = new Date()
  const validity = sequence(time(new Date(today.getTime() - YEAR_MS)), time(new Date(today.getTime() + YEAR_MS)))
  const hosts = [tlv(0x82, 'localhost'), tlv(0x87, Buffer.from([127, 0, 0, 1]))]
  const isAuthority = tlv(0x01, Buffer.from([0xff]))
  const extensions = sequence(
    sequence(oid(OID.basicConstraints), isAuthority, tlv(0x04, sequence(isAuthority))),
    sequence(oid(OID.subjectAltName), tlv(0x04, sequence(...hosts))),
  )
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensions),
  )
  const signature = tlv(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]))
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    certificate: pem(sequence(body, algorithm, signature)),
  }
}

/** DER: a tag, the length, the content. @param {number} tag @param {Buffer | string} content */
function tlv(tag, content) {
  const bytes = Buffer.from(content)
  const { length } = bytes
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), bytes])
}

/** @param {Buffer[]} parts */
function sequence(...parts) {
  return tlv(0x30, Buffer.concat(parts))
}

/** @param {string} hex */
function oid(hex) {
  return tlv(0x06, Buffer.from(hex, 'hex'))
}

/** UTCTime, good until 2049. @param {Date} date */
function time(date) {
  return tlv(0x17, `${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`)
}

/** @param {Buffer} der */
function pem(der) {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
