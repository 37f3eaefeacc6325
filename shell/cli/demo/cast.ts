// Who plays: a server and any number of peers, each a program of its own on loopback UDP, and a folder for what they write. They
// find their ports by themselves. When the cast is dismissed no process and no file of it is left, whatever they were doing.
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLeft, left, right, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { showAddress, type peer } from '../../../core/index.js'
import { JsonLine } from '../jsonline.js'
import { start, type Child, type Ending } from './child.js'
import { Difference } from './difference.js'
import { openLossy, type Lossy } from './lossy.js'

const host = '127.0.0.1'

/** of the dice that decide what is lost: every demonstration loses the same */
const seed = 20261122

export interface Server {
  /** `127.0.0.1:22000` */
  readonly place: string
  /** its fingerprint */
  readonly print: string
  /** asks it to end, and waits until it has */
  readonly close: () => Promise<Ending>
}

export interface Peer extends Pick<Child<JsonLine>, 'said' | 'hear' | 'end' | 'kill'> {
  readonly name: string
  /** what earlier programs of that name said */
  readonly before: ReadonlyArray<JsonLine>
  readonly ip: string
  readonly port: number
  /** types a command; what the server answered, and where in `said` that stands */
  readonly ask: (typed: string) => Promise<{ readonly answer: peer.NoticeOf<'Answered'>; readonly index: number }>
  /** types a text */
  readonly say: (text: string) => void
}

export interface Cast {
  readonly folder: string
  readonly serve: () => Promise<Server>
  /** a new peer that faces the server */
  readonly enter: (name: string) => Promise<Peer>
  /** a new sealed peer, which reaches the server and all others by a network that loses what it is told to; in the place of an earlier one of that name,
   *  whose words are kept */
  readonly meet: (name: string) => Promise<Peer>
  /** the share of datagrams that is lost, 0 to 1 */
  readonly lose: (share: number) => void
  /** how many were lost so */
  readonly lost: () => number
  readonly peers: ReadonlyMap<string, Peer>
  readonly server: () => Server
  /** the peer of that name */
  readonly at: (name: string) => Peer
  readonly dismiss: () => Promise<void>
}

const eventIn = (line: string): Either<string, JsonLine> => {
  const json = tryCatch((): unknown => JSON.parse(line), () => undefined)
  const event = isLeft(json) ? json : JsonLine.decode(json.right)
  return isLeft(event) ? left('a line of --json') : right(event.right)
}

const peerOn = async (name: string, child: Child<JsonLine>, before: ReadonlyArray<JsonLine> = []): Promise<Peer> => {
  const { own } = await child.hear(`${name} says where it is`, (event) => (event._tag === 'Started' ? event : undefined))
  let heard = 0
  const ask: Peer['ask'] = async (typed) => {
    child.type(typed)
    const { event, index } = await child.hear(
      `${name} gets an answer to "${typed}"`,
      (said, at) => (['Answered', 'Unanswered', 'NotTaken'].includes(said._tag) ? { event: said, index: at } : undefined),
      heard,
    )
    heard = index + 1
    if (event._tag !== 'Answered') throw new Difference(`the answer to "${typed}"`, 'one of the server', JSON.stringify(event))
    return { answer: event, index }
  }
  return { name, before, ...own, ask, say: child.type, said: child.said, hear: child.hear, end: child.end, kill: child.kill }
}

const serverOn = async (child: Child<string>): Promise<Server> => {
  const place = await child.hear('the server says where it is', (line) => /^peal server at (\S+)$/.exec(line)?.[1])
  const print = await child.hear('the server says who it is', (line) => /^peal peer \S+#(\S+)$/.exec(line)?.[1])
  return {
    place,
    print,
    close: () => {
      child.signal('SIGTERM')
      return child.end('the server ends')
    },
  }
}

const entered = <A>(name: string, found: A | undefined): A => {
  if (found === undefined) throw new Error(`the script uses ${name} before it starts`)
  return found
}

/** An empty stage. */
export const assemble = async (interrupted: AbortSignal): Promise<Cast> => {
  const folder = await mkdtemp(join(tmpdir(), 'peal-demo-')).catch((error: unknown) => {
    throw new Difference('a folder for what the server saves', 'a new one', String(error))
  })
  const children: Array<Pick<Child<never>, 'kill'>> = []
  const peers = new Map<string, Peer>()
  let server: Server | undefined
  let lossy: Promise<Lossy> | undefined
  let counts: Lossy['counts'] | undefined
  let loss = 0
  const begin = <A>(name: string, args: ReadonlyArray<string>, read: (line: string) => Either<string, A>): Child<A> => {
    const child = start({ name, args, home: folder, read, interrupted })
    children.push(child)
    return child
  }
  /** for an end of this program that waits for nobody */
  const atOnce = (): void => {
    for (const child of children) void child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', atOnce)
  return {
    folder,
    peers,
    serve: async () => (server = await serverOn(begin('the server', ['server', '--memory', '--host', host, '--saves', folder, '--check', '--log-level', 'warn'], right))),
    enter: async (name) => {
      const [, port = ''] = entered('the server', server).place.split(':')
      const one = await peerOn(name, begin(name, ['peer', '--classic', '--json', '--host', host, host, port], eventIn))
      peers.set(name, one)
      return one
    },
    meet: async (name) => {
      const { place, print } = entered('the server', server)
      lossy ??= openLossy(Number(place.split(':')[1]), () => loss, seed)
      const earlier = peers.get(name)
      const { port, counts: counted } = await lossy
      counts = counted
      const child = begin(name, ['peer', `${host}:${port}#${print}`, '--as', name, '--json', '--host', host], eventIn)
      const one = await peerOn(name, child, earlier === undefined ? [] : [...earlier.before, ...earlier.said])
      peers.set(name, one)
      return one
    },
    lose: (share) => void (loss = share),
    lost: () => counts?.lost ?? 0,
    server: () => entered('the server', server),
    at: (name) => entered(name, peers.get(name)),
    dismiss: async () => {
      await Promise.all(children.map((child) => child.kill()))
      await lossy?.then((line) => line.close())
      await rm(folder, { recursive: true, force: true })
      process.off('exit', atOnce)
    },
  }
}

/** `Me 127.0.0.1 22001`, as a saved file has it. */
export const cardOf = ({ name, ip, port }: Peer): string => `${name} ${ip} ${port}`
export const placeOf = (one: Peer): string => showAddress(one)
