// Under load a hello is answered only to who shows, by a cookie, that it receives at its address; and then to each network only so often.
// Before that nothing is kept of it. (WireGuard's scheme: Donenfeld, NDSS 2017, section 5.3.)
import { sourceOf } from '../address.js'
import { limits } from '../limits.js'
import { after } from '../time.js'
import { pour, pourInto } from '../rate.js'
import { hash } from '../table.js'
import { encodeUtf8 } from '../wire/utf8.js'
import { joined } from '../wire/sealed/bytes.js'
import { isZero, retry, sizes, type Datagram } from '../wire/sealed/datagram.js'
import { send } from '../effect.js'
import { draw } from './drawing.js'
import { quiet, step, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { Place, State } from './state.js'

type Hello = Datagram & { readonly _tag: 'Hello' }

/** Bytes compared without regard to where they differ. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.reduce((sum, byte, i) => sum | (byte ^ (b[i] ?? 0)), 0) === 0

/** The IPv4 /24 or the IPv6 /56 of an address, as text: of the first four groups all but the last two digits. */
const networkOf = (ip: string): string => {
  const source = sourceOf(ip)
  if (!source.includes(':')) return source.slice(0, source.lastIndexOf('.'))
  return source.split(':').map((group) => group.padStart(4, '0')).join('').slice(0, 14)
}

const placeBytes = ({ ip, port }: Place): Uint8Array => encodeUtf8(`${ip} ${port}`)

const cookieOf = <H, K>({ ciphers }: Config<H, K>, secret: Uint8Array, from: Place): Uint8Array => ciphers.mac(secret, placeBytes(from))

/** The bucket of key agreements after one more, or undefined under load: of a second's an eighth may come at once. */
const agreement = <H, K>({ hellosASecond }: Config<H, K>, { at, load, guestCount }: State<H, K>): number | undefined =>
  at < load.until || guestCount >= limits.guestsUnasked || hellosASecond === 0
    ? undefined
    : pour({ perSecond: hellosASecond, burst: hellosASecond / 8 }, load.agreed, at)

/** The present secret, and the state that has it: another one is drawn when it has had its time, and it counts once as long again. */
const turned = <H, K>(config: Config<H, K>, state: State<H, K>): { readonly state: State<H, K>; readonly secret: Uint8Array } => {
  const { load, at } = state
  const [present] = load.secrets
  const turns = Math.floor((at - load.since) / limits.cookieMs)
  if (present !== undefined && turns < 1) return { state, secret: present }
  const { state: drawn, bytes } = draw(config, state)
  const secrets = present === undefined || turns > 1 ? [bytes] : [bytes, present]
  return { state: { ...drawn, load: { ...load, secrets, since: after(load.since, turns * limits.cookieMs) } }, secret: bytes }
}

/** Four hashes, which a hello is not worth that does not even claim to have one: its mac2 is zero. */
const hasCookie = <H, K>(config: Config<H, K>, { load }: State<H, K>, from: Place, { before, mac2 }: Hello): boolean =>
  !isZero(mac2) && load.secrets.some((secret) => sameBytes(config.ciphers.mac(cookieOf(config, secret, from), before), mac2))

/** A cookie instead of an answer: shorter than the hello. Of a flood only so many get one: those who come in earnest come again. */
const refuse = <H, K>(config: Config<H, K>, before: State<H, K>, secret: Uint8Array, from: Place, { sender, mac1 }: Hello): Step<H, K> => {
  const retried = pour(limits.retryRate, before.load.retried, before.at)
  if (retried === undefined) return quiet(before)
  const { state, bytes } = draw(config, { ...before, load: { ...before.load, retried } })
  const { ciphers } = config
  const nonce = bytes.subarray(0, sizes.nonce)
  const cookie = cookieOf(config, secret, from)
  return step(state, send(from, retry(sender, nonce, ciphers.enclose(ciphers.label('retry', ciphers.own.seals), nonce, cookie, mac1))))
}

/** Lets a hello with a right mac1 go on to `accept`, or answers it by a cookie, or by nothing. */
export const guarded = <H, K>(config: Config<H, K>, state: State<H, K>, from: Place, hello: Hello, accept: (state: State<H, K>) => Step<H, K>): Step<H, K> => {
  const agreed = agreement(config, state)
  if (agreed !== undefined) return accept({ ...state, load: { ...state.load, agreed } })
  const { state: timely, secret } = turned(config, state)
  if (!hasCookie(config, timely, from, hello)) return refuse(config, timely, secret, from, hello)
  const allowances = pourInto(limits.networkRate, timely.load.allowances, hash(networkOf(from.ip)) % limits.allowanceSlots, state.at)
  return allowances === undefined ? quiet(timely) : accept({ ...timely, load: { ...timely.load, allowances } })
}

/** What mac2 of our own hello is: zero where no cookie was asked for. */
export const mac2Of = <H, K>({ ciphers }: Config<H, K>, cookie: Uint8Array | undefined, body: Uint8Array, mac1: Uint8Array): Uint8Array =>
  cookie === undefined ? new Uint8Array(sizes.mac) : ciphers.mac(cookie, joined([body, mac1]))
