// The load: one connected socket that keeps a window of requests under way and checks every answer, byte for byte. A server that takes
// one datagram at a time answers in the order of asking, so the n-th answer belongs to the n-th request.
//
// The window's datagrams fit into the sockets' buffers, so that none is lost for want of room; a silence is counted as loss all the same.
// While it waits the process looks again and again and never sleeps: to wake a sleeper costs the sender of a local datagram more than to
// send it, and the slower server of two, whose client sleeps more often, would have to pay for that as well.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** What is sent, and the answer that must come; `undefined`: none comes, and none is awaited. */
export interface Exchange {
  readonly request: Uint8Array
  readonly reply: Uint8Array | undefined
  /** of an answer that cannot be foreseen to the byte: `reply` is as long, and this looks into it, after the clock has stopped */
  readonly isAnswer?: (answer: Uint8Array) => boolean
}

export interface Outcome {
  readonly answered: number
  /** of these: not what had to come */
  readonly wrong: number
  readonly lost: number
  readonly ms: number
}

export interface Client {
  /** sends all of them, and waits for their answers */
  readonly run: (exchanges: ReadonlyArray<Exchange>) => Promise<Outcome>
  readonly close: () => void
}

/** requests under way at once, where nothing else is said */
const usualWindow = 64
/** ms without any answer after which what is under way counts as lost, where nothing else is said */
const usualSilenceMs = 500
/** room for a window of long answers, where the system allows so much */
const receiveBytes = 1 << 20

export const exchange = (request: string, reply: string): Exchange => ({ request: Buffer.from(request), reply: Buffer.from(reply) })

interface Sealed {
  readonly answer: Uint8Array
  readonly isAnswer: (answer: Uint8Array) => boolean
}

type Sent = (request: Uint8Array) => void
type Hear = (listener: ((answer: Buffer) => void) | undefined) => void

/** How a client asks. */
export interface Manner {
  /** requests under way at once */
  readonly window?: number
  /** ms without any answer after which what is under way counts as lost: more than the server may be held up */
  readonly silenceMs?: number
  /** is given what each answer took, in ms, and when it came */
  readonly took?: (ms: number, at: number) => void
}

const run = (exchanges: ReadonlyArray<Exchange>, { window = usualWindow, silenceMs = usualSilenceMs, took }: Manner, send: Sent, hear: Hear): Promise<Outcome> =>
  new Promise((resolve) => {
    const times = new Float64Array(took === undefined ? 0 : exchanges.length)
    const begun = performance.now()
    let sent = 0
    let settled = 0
    let [answered, wrong, lost, seen] = [0, 0, 0, 0]
    let finished = false
    const unopened: Sealed[] = []

    const finish = (): void => {
      finished = true
      const ms = performance.now() - begun
      clearInterval(silence)
      hear(undefined)
      resolve({ answered, wrong: wrong + unopened.filter(({ answer, isAnswer }) => !isAnswer(answer)).length, lost, ms })
    }
    /** Sends until the window is full, and passes over what nobody answers. */
    const fill = (): void => {
      while (sent < exchanges.length && sent - settled < window) {
        if (took !== undefined) times[sent] = performance.now()
        send((exchanges[sent++] as Exchange).request)
      }
      while (settled < sent && exchanges[settled]?.reply === undefined) settled += 1
      if (settled >= exchanges.length) finish()
    }
    const silence = setInterval(() => {
      if (answered === seen) {
        lost += exchanges.slice(settled, sent).filter(({ reply }) => reply !== undefined).length
        settled = sent
        fill()
      }
      seen = answered
    }, silenceMs)

    const stayAwake = (): void => { if (!finished) setImmediate(stayAwake) }

    hear((answer) => {
      const { reply, isAnswer } = exchanges[settled] ?? {}
      answered += 1
      if (took !== undefined) {
        const now = performance.now()
        took(now - (times[settled] ?? NaN), now)
      }
      if (isAnswer !== undefined && answer.length === reply?.length) unopened.push({ answer, isAnswer })
      else if (reply === undefined || !answer.equals(reply)) wrong += 1
      settled += 1
      fill()
    })
    stayAwake()
    fill()
  })

/** A socket that sends to that port of this machine only, and hears it only. */
export const dial = async (port: number): Promise<Socket> => {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.setRecvBufferSize(receiveBytes)
  return socket
}

export const clientOn = (socket: Socket, manner: Manner = {}): Client => {
  let listener: ((answer: Buffer) => void) | undefined
  socket.on('message', (answer) => listener?.(answer))
  return {
    run: (exchanges) => run(exchanges, manner, (request) => { socket.send(request) }, (hears) => { listener = hears }),
    close: () => { socket.close() },
  }
}

/** A client of the server at that port of this machine. */
export const connect = async (port: number, manner: Manner = {}): Promise<Client> => clientOn(await dial(port), manner)

/** Runs what only prepares: every answer must be the right one. */
export const mustRun = async (client: Client, exchanges: ReadonlyArray<Exchange>): Promise<void> => {
  const { wrong, lost } = await client.run(exchanges)
  if (wrong + lost > 0) throw new Error(`${exchanges.length} requests: ${wrong} wrong answers, ${lost} lost`)
}
