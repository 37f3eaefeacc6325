// The sealed wire on a socket: the channel's machine, driven. Decides nothing.
import { channel, limits, self, type sealed, type PublicKey } from '../../core/index.js'
import { drive } from '../drive.js'
import { watchPulse } from './pulse.js'
import type { Clock } from '../clock.js'

export interface ChannelOptions<H, K> {
  readonly clock: Clock
  readonly config: channel.Config<H, K>
  /** 32 bytes that nobody can guess */
  readonly seed: Uint8Array
  readonly send: (bytes: Uint8Array, ip: string, port: number) => void
  /** sees what came, before anything of it is done */
  readonly arrived?: (bytes: Uint8Array, from: channel.Place) => void
  readonly deliver: (delivered: channel.Deliver) => void
  readonly moved: (moved: channel.Moved) => void
  /** a record of that key has come; said now and then */
  readonly heard?: (heard: channel.Heard) => void
  /** nobody answers at that key's address */
  readonly lost: (lost: channel.Lost) => void
  /** the machine slept: also whoever is above has to know */
  readonly slept: () => void
}

export interface Sessions {
  readonly arrive: (bytes: Uint8Array, ip: string, port: number) => void
  /** an answer, to whoever asked: by the session that the question came by */
  readonly answer: (to: PublicKey, via: number | undefined, frame: sealed.Frame) => void
  /** a frame of our own to somebody who is at `place`, as our user named it (`appointed`) or others did; undefined: wherever it was last */
  readonly ask: (to: PublicKey, place: channel.Place | undefined, frame: sealed.Frame, again: boolean, appointed: boolean) => void
  readonly bind: (key: PublicKey, via: number | undefined) => void
  readonly part: (key: PublicKey) => void
  readonly stop: () => void
}

/** A longer datagram would be a fault of this program, and could be lost in fragments on the way. */
const bounded = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length > limits.sealedDatagramBytes) throw new Error(`a sealed datagram of ${bytes.length} bytes`)
  return bytes
}

/** Sessions over `send`, for as long as `stop` is not called. */
export const openSessions = <H, K>(options: ChannelOptions<H, K>): Sessions => {
  const { arrived } = options
  const driver = drive(channel.machine(options.config), channel.initial<H, K>(options.seed), {
    clock: options.clock,
    respond: (_, response: never) => response,
    ...(arrived === undefined ? {} : { watch: ({ command }) => (command._tag === 'Arrive' ? arrived(command.bytes, command.from) : undefined) }),
    interpret: {
      Send: ({ to, packet }) => options.send(bounded(packet), to.ip, to.port),
      Deliver: (delivered) => options.deliver(delivered),
      Moved: (moved) => options.moved(moved),
      Heard: (heard) => options.heard?.(heard),
      Lost: (lost) => options.lost(lost),
    },
  })
  const offer = (command: channel.Command): void => driver.offer(self, command)
  const pulse = watchPulse({
    slept: () => {
      offer({ _tag: 'Slept' })
      options.slept()
    },
    lagged: () => offer({ _tag: 'Lagged' }),
  })
  return {
    arrive: (bytes, ip, port) => {
      pulse.look()
      offer({ _tag: 'Arrive', bytes, from: { ip, port } })
    },
    answer: (to, via, frame) => offer({ _tag: 'Seal', to, via, place: undefined, appointed: false, frame, again: false }),
    ask: (to, place, frame, again, appointed) => offer({ _tag: 'Seal', to, via: undefined, place, appointed, frame, again }),
    bind: (key, via) => offer({ _tag: 'Bind', key, via }),
    part: (key) => offer({ _tag: 'Part', key }),
    stop: () => {
      pulse.stop()
      driver.stop()
    },
  }
}
