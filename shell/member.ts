// A sealed peer on UDP: two sockets, two machines (the sealed wire's sessions, and the peer), and whoever watches. Decides nothing.
//
//   P      the sealed wire, with the server
//   P + 1  messages of classic members, in clear, from anywhere
import { randomBytes, randomInt } from 'node:crypto'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import {
  channel, classicActor, keyed, limits, operator, peer, sealed, self, type Address, type ContactId, type ContactName, type Nonce, type pins,
} from '../core/index.js'
import { ciphers } from './channel/ciphers.js'
import { openSessions, type Sessions } from './channel/sessions.js'
import { seed, type Secrets } from './channel/secrets.js'
import { systemClock } from './clock.js'
import { drive, type Driver } from './drive.js'
import { bindFaced, deaf, ending, faceAgain, hearWorld, sendRelay, sendToServer, type Ears, type Faced, type PairOptions } from './pair.js'
import type { BindFailure } from './udp.js'

export interface MemberOptions extends PairOptions {
  /** this contact's own keys */
  readonly secrets: Secrets
  readonly pins: pins.Pins
  /** whom the user named as the server; undefined: whoever is pinned, or there at first contact */
  readonly expected: ContactId | undefined
  /** take, and pin, another server than the pinned one */
  readonly acceptServer: boolean
  /** keeps changed pins */
  readonly remember: (changed: pins.Pins) => void
  readonly notice: (notice: peer.Notice) => void
}

export interface RunningMember {
  readonly own: Address
  readonly ask: (wish: peer.sealed.Wish) => void
  /** the changed key of this contact is trusted from now on */
  readonly accept: (contact: ContactName) => void
  readonly mistype: (sentence: string) => void
  readonly close: (patient: boolean) => void
  /** as whom this process has registered */
  readonly registered: () => ContactName | undefined
  /** kept when both sockets are closed; the first thing that went wrong */
  readonly ended: Promise<peer.Fault | undefined>
}

type MemberDriver = Driver<peer.sealed.State, peer.sealed.Command>

const nonceBytes = 16

const signature = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const configOf = ({ secrets, expected, acceptServer }: MemberOptions, { server }: Faced): { readonly config: peer.sealed.Config; readonly own: ReturnType<typeof ciphers> } => {
  const keys = ciphers(secrets)
  const prove = (to: ContactId): string => signature(keys.sign(sealed.proofOf(keys.own.seals, to)))
  return { config: peer.sealed.config({ own: keys.own, server, expected, acceptServer, idOf: keys.idOf, prove }), own: keys }
}

/** What arrives, to whom it belongs. */
const listen = (ears: Ears, driver: MemberDriver, sessions: Sessions, keys: ReturnType<typeof ciphers>): void => {
  ears.command = (bytes, ip, port) => {
    const met = channel.introduced(keys, bytes)
    if (met === undefined) return sessions.arrive(bytes, ip, port)
    driver.offer(classicActor(ip, port), { _tag: 'Met', ...met })
  }
  hearWorld(ears, driver.offer)
}

const run = (options: MemberOptions, faced: Faced, ears: Ears): RunningMember => {
  const { own } = faced
  const { config, own: keys } = configOf(options, faced)
  const clock = systemClock()
  const { end, ended } = ending<peer.Fault | undefined>(faced, () => {
    driver.stop()
    sessions.stop()
  })
  const beginning = { nonce: randomBytes(nonceBytes).toString('hex') as Nonce, seed: randomInt(2 ** 32), pins: options.pins }
  const toServer = (bytes: Uint8Array): void => sendToServer(faced, bytes)
  const driver: MemberDriver = drive(peer.sealed.machine(config), peer.sealed.initial(beginning), {
    clock,
    respond: (_, response: never) => response,
    interpret: {
      Send: ({ to, packet }) =>
        packet._tag === 'Who' ? toServer(sealed.who) : sendRelay(faced, to, packet.relay),
      Seal: ({ to, address, frame, again }) => (again ? faceAgain(faced, () => sessions.ask(to, address, frame, true)) : sessions.ask(to, address, frame, false)),
      Remember: ({ pins: changed }) => options.remember(changed),
      Announce: ({ notice }) => options.notice(notice),
      Exit: ({ why }) => end(why),
    },
  })
  const sessions: Sessions = openSessions({
    clock,
    config: { ciphers: keys, process: undefined, whois: undefined, hellosASecond: limits.hellosASecond },
    seed: seed(),
    send: toServer,
    deliver: ({ from, frame }) => driver.offer(keyed(from), { _tag: 'Hear', frame }),
    moved: () => undefined,
    lost: () => undefined,
    slept: () => driver.offer(self, { _tag: 'Slept' }),
  })
  listen(ears, driver, sessions, keys)
  return {
    own,
    ask: (wish) => driver.offer(operator, { _tag: 'Ask', wish }),
    accept: (contact) => driver.offer(operator, { _tag: 'Accept', contact }),
    mistype: (sentence) => driver.offer(operator, { _tag: 'Mistype', sentence }),
    close: (patient) => driver.offer(operator, { _tag: 'Close', patient }),
    registered: () => driver.state().registered,
    ended,
  }
}

/** Binds a free pair of the ports, meets the server, and runs until `close` or a successful exit. */
export const startMember = (options: MemberOptions): taskEither.TaskEither<BindFailure, RunningMember> => {
  const ears = deaf()
  return taskEither.map((faced: Faced) => run(options, faced, ears))(bindFaced(options, ears))
}
