// Where a program can be reached: a host and a UDP port. Hosts are IPv4 or IPv6 addresses, or host names, which the shell resolves
// (an original server registers whatever it is given, so its rings may hold host names).
import * as t from 'io-ts'
import { limits } from './limits.js'

export interface HostBrand { readonly Host: unique symbol }
export interface PortBrand { readonly Port: unique symbol }

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = new RegExp(`^(?:${octet}\\.){3}${octet}$`)

/** Four decimal numbers 0..255 with dots, no leading zeros (RFC 6943, section 3.1.1: the strict form). */
export const isIpv4 = (text: string): boolean => ipv4.test(text)

const isHexGroup = (group: string): boolean => /^[0-9a-fA-F]{1,4}$/.test(group)

/** How many 16-bit groups a side of `::` stands for, or NaN; only the last part may be a dotted IPv4 address. */
const groupsIn = (side: string, mayEndInIpv4: boolean): number => {
  if (side === '') return 0
  const parts = side.split(':')
  return parts.reduce((sum, part, i) => {
    if (isHexGroup(part)) return sum + 1
    return mayEndInIpv4 && i === parts.length - 1 && isIpv4(part) ? sum + 2 : NaN
  }, 0)
}

/** The text forms of RFC 4291, section 2.2, without a zone. */
export const isIpv6 = (text: string): boolean => {
  const sides = text.split('::')
  if (sides.length === 1) return groupsIn(text, true) === 8
  if (sides.length > 2) return false
  const [head = '', tail = ''] = sides
  return groupsIn(head, false) + groupsIn(tail, true) <= 7
}

/** Letters, digits, dashes and underscores in labels of 1 to 63, with at least one letter in the last (RFC 1123, section 2.1). */
const isHostName = (text: string): boolean => {
  const labels = text.split('.')
  return (
    text.length <= limits.hostCharacters &&
    labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label)) &&
    /[A-Za-z]/.test(labels[labels.length - 1] ?? '')
  )
}

/** An IPv4 address, an IPv6 address or a host name. */
export const Host = t.brand(t.string, (s): s is t.Branded<string, HostBrand> => isIpv4(s) || isIpv6(s) || isHostName(s), 'Host')
export type Host = t.TypeOf<typeof Host>

/** A contact's UDP port P, 1..65534: commands and replies use P, relayed messages P + 1. */
export const Port = t.brand(
  t.number,
  (n): n is t.Branded<number, PortBrand> => Number.isInteger(n) && n >= 1 && n <= limits.highestContactPort,
  'Port',
)
export type Port = t.TypeOf<typeof Port>

export const Address = t.readonly(t.strict({ ip: Host, port: Port }), 'Address')
export type Address = t.TypeOf<typeof Address>

/** Reads a port from its decimal digits; `undefined` when it is none. */
export const portFrom = (text: string): Port | undefined => {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  return Port.is(value) ? value : undefined
}

const privateIpv4 = '(?:127|10|192\\.168|169\\.254|172\\.(?:1[6-9]|2\\d|3[01]))(?:\\.\\d{1,3}){1,3}'
const privateSource = new RegExp(`^(?:${privateIpv4}|::1|::ffff:${privateIpv4}|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)$`)

/** Of this machine, as a socket names it: 127.0.0.0/8 (RFC 1122) or ::1 (RFC 4291). */
export const isLoopback = (ip: string): boolean => ip.startsWith('127.') || ip === '::1' || ip.startsWith('::ffff:127.')

/** Of this machine or of a network that is not routed: RFC 1918, link-local (RFC 3927, RFC 4291) and unique local (RFC 4193) addresses, as a
 *  socket names them (RFC 5952, a zone may follow). Addresses for documentation (RFC 5737) are none. */
export const isPrivate = (ip: string): boolean => isLoopback(ip) || privateSource.test(ip)

/** What one network holder has of an address: an IPv4 address, or the first 64 bits of an IPv6 address, of which anybody has 2^64. */
export const sourceOf = (ip: string): string => {
  if (!ip.includes(':') || ip.startsWith('::ffff:')) return ip
  const [head = '', tail] = ip.split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const between = Array.from({ length: Math.max(0, 8 - groups.length - behind.length) }, () => '0')
  return [...groups, ...between, ...behind].slice(0, 4).join(':')
}

export const sameAddress = (a: Address, b: Address): boolean => a.ip === b.ip && a.port === b.port

/** `192.0.2.7:22000`, `[2001:db8::7]:22000` (RFC 5952, section 6). */
export const showAddress = ({ ip, port }: { readonly ip: string; readonly port: number }): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`

/** A source as an address, or undefined where a contact cannot be there. */
export const addressOf = ({ ip, port }: { readonly ip: string; readonly port: number }): Address | undefined =>
  Host.is(ip) && Port.is(port) ? { ip, port } : undefined
