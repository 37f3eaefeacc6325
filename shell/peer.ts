// A peer on UDP: two sockets, the machine, and whoever watches. Decides nothing.
//
//   P      connected to the server: hears only it, and learns at once when its port is closed
//   P + 1  messages of neighbours, from anywhere
import { randomBytes } from 'node:crypto'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import { classic, classicActor, operator, peer, type Address } from '../core/index.js'
import { systemClock } from './clock.js'
import { drive, type Driver } from './drive.js'
import { bindFaced, deaf, decoded, ending, hearWorld, sendRelay, type Ears, type Faced, type PairOptions } from './pair.js'
import { outside } from './trace/wire.js'
import type { Tracer } from './trace/tracer.js'
import type { BindFailure } from './udp.js'

export interface PeerOptions extends PairOptions {
  readonly paced: boolean
  readonly notice: (notice: peer.Notice) => void
  /** is told every datagram */
  readonly trace?: Tracer
}

export interface RunningPeer {
  readonly own: Address
  /** one command as the user gives it; `text` for an im-start that brings its line along */
  readonly ask: (wish: peer.Wish, text?: string) => void
  readonly say: (text: string) => void
  readonly mistype: (sentence: string) => void
  readonly drop: () => void
  readonly close: (patient: boolean) => void
  /** kept when both sockets are closed; the first thing that went wrong */
  readonly ended: Promise<peer.Fault | undefined>
}

type PeerDriver = Driver<peer.State, peer.Command>

const newMark = (): string => randomBytes(8).toString('hex')

const run = (options: PeerOptions, faced: Faced, ears: Ears): RunningPeer => {
  const { own, commands } = faced
  const tap = outside(options.trace)
  const { end, ended } = ending<peer.Fault | undefined>(faced, () => driver.stop())
  const driver: PeerDriver = drive(peer.machine(peer.config(own, options.server, options.paced)), peer.initial, {
    clock: systemClock(),
    respond: (_, response: never) => response,
    interpret: {
      Send: ({ to, packet }) => {
        if (packet._tag !== 'Request') return sendRelay(faced, to, packet.relay, tap)
        const bytes = Buffer.from(classic.encodeRequest(packet.request), 'utf8')
        tap?.sent(bytes, faced.server, own.port)
        commands.raw.send(bytes)
      },
      Announce: ({ notice }) => options.notice(notice),
      Exit: ({ why }) => end(why),
    },
  })
  ears.command = (bytes, ip, port) => {
    tap?.received(bytes, { ip, port }, own.port)
    driver.offer(classicActor(ip, port), { _tag: 'Hear', packet: decoded(bytes, classic.decodeReply) })
  }
  hearWorld(ears, driver.offer, (bytes, ip, port) => tap?.received(bytes, { ip, port }, faced.relays.port))
  return {
    own,
    ask: (wish, text) => driver.offer(operator, { _tag: 'Ask', wish, text, im: newMark() }),
    say: (text) => driver.offer(operator, { _tag: 'Say', text, im: newMark() }),
    mistype: (sentence) => driver.offer(operator, { _tag: 'Mistype', sentence }),
    drop: () => driver.offer(operator, { _tag: 'Drop' }),
    close: (patient) => driver.offer(operator, { _tag: 'Close', patient }),
    ended,
  }
}

/** Binds a free pair of the ports, faces the server, and runs until `close` or a successful exit. */
export const startPeer = (options: PeerOptions): taskEither.TaskEither<BindFailure, RunningPeer> => {
  const ears = deaf()
  return taskEither.map((faced: Faced) => run({ ...options, server: faced.server }, faced, ears))(bindFaced(options, ears))
}
