// What each test with real programs runs on: a folder of its own, free ports, programs and sockets that are gone when the test is over.
// Nothing sleeps: a test waits for a datagram, for a line or for a process to end.
import { deepEqual, equal, match } from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.js'
import { Tap, type Fate } from './tap.js'

export const host = '127.0.0.1'

/** Where to look for a free port from, if a test does not care. */
const anyPort = (): number => 30000 + Math.floor(Math.random() * 25000)

interface Running {
  readonly program: Program
  /** the server's only port, the lower one of a peer */
  readonly port: number
}

/** The next datagram that arrives, with the port that it came from. */
export const heard = async (socket: Socket): Promise<{ text: string; port: number }> => {
  const [datagram, { port }] = await once(socket, 'message') as [Buffer, { port: number }]
  return { text: datagram.toString(), port }
}

/** Sends one request and waits for what comes back. */
export const ask = async (socket: Socket, port: number, request: string): Promise<string> => {
  const reply = heard(socket)
  socket.send(request, port, host)
  return (await reply).text
}

/** Asks in order; each must succeed. */
export const askAll = async (socket: Socket, port: number, requests: readonly string[]): Promise<void> => {
  for (const request of requests) match(await ask(socket, port, request), /^200-_-/, request)
}

interface Exchange {
  readonly send: string
  readonly reply: string
}

/** Repeats the exchanges recorded with an original server: codes exactly, bodies as JSON. */
export const replay = async (socket: Socket, port: number): Promise<void> => {
  const exchanges = JSON.parse(await readFile(new URL('../../../spec/vectors/classic-exchanges.json', import.meta.url), 'utf8')) as readonly Exchange[]
  equal(exchanges.length, 68)
  for (const { send, reply } of exchanges) {
    const [code, body = ''] = (await ask(socket, port, send)).split('-_-')
    const [expectedCode, expectedBody = ''] = reply.split('-_-')
    equal(code, expectedCode, send)
    deepEqual(JSON.parse(body), JSON.parse(expectedBody), send)
  }
}

/** Types commands at a peer's prompt, each after the reply to the one before; each must succeed. */
export const command = async (peer: Program, ...typed: readonly string[]): Promise<void> => {
  for (const line of typed) {
    peer.type(line)
    const [reply] = await peer.line(/^REPLY .*/)
    match(reply, /^REPLY 200-_-/, line)
  }
}

/** An event of `--json`. */
interface Event {
  readonly _tag: string
  readonly [field: string]: unknown
}

/** Types one line at a prompt that speaks JSON, and waits for what becomes of it. */
export const outcome = async (peer: Program, line: string): Promise<Event> => {
  peer.type(line)
  const [said] = await peer.line(/"_tag":"(Answered|Unanswered|NotTaken|KeyAccepted)".*/)
  return JSON.parse(`{${said}`) as Event
}

/** Types lines at a prompt that speaks JSON; each must succeed. */
export const agreed = async (peer: Program, ...typed: readonly string[]): Promise<void> => {
  for (const line of typed) equal((await outcome(peer, line))['code'], 200, line)
}

/** The codes of all answers to commands, in order. */
export const codesOf = (peer: Program): readonly number[] =>
  peer.said.map((line) => JSON.parse(line) as Event).flatMap(({ _tag, code }) => (_tag === 'Answered' ? [Number(code)] : []))

const peal = '../../shell/cli/main.js'
const range = (from: number): string => `${from}-${from + 500}`
const rangeOf = (line: string): string => range(Number(/:(\d+)/.exec(line)?.[1]))

class Stage {
  /** where all programs of the test keep what is their user's */
  home = ''
  /** where all programs of the test run */
  folder = ''
  #programs: Program[] = []
  #sockets: Socket[] = []
  #taps: Tap[] = []
  #flags: ReadonlyArray<string> = []

  async open(): Promise<void> {
    this.home = await mkdtemp(join(tmpdir(), 'peal-standin-'))
    this.folder = join(this.home, 'here')
    await mkdir(this.folder)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.close()
    await this.stopAll()
    await Promise.all(this.#taps.map((tap) => tap.close()))
    await rm(this.home, { recursive: true })
    this.#programs = []
    this.#sockets = []
    this.#taps = []
    this.#flags = []
  }

  /** All programs from now on load the stage's module `name` first. */
  loads(name: string): void {
    this.#flags = ['--import', new URL(`./${name}.js`, import.meta.url).href]
  }

  /** Ends all programs and waits until each has said its last. */
  async stopAll(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()))
  }

  /** A stand-in server at `port` or the next one that is free. */
  async server(port = anyPort()): Promise<Running> {
    return this.#start('../standin/server.js', /^listening on (\d+)$/, [port])
  }

  /** A stand-in peer that looks for its ports from the server's upwards. */
  async peer(serverPort = anyPort()): Promise<Running> {
    return this.#start('../standin/peer.js', /^ports (\d+) \d+$/, [host, serverPort])
  }

  /** Our server: `port` says where it looks for a free one. Invariants are checked after every step. Its journal is in a folder of its own,
   *  unless `args` say where. */
  async ourServer(args: readonly string[] = [], port = anyPort()): Promise<Running> {
    const data = args.includes('--data') || args.includes('--memory') ? [] : ['--data', join(this.home, `data-${this.#programs.length}`)]
    return this.#start(peal, /^peal server at .*:(\d+)$/, ['server', port, '--ports', range(port), '--host', host, '--check', ...data, ...args])
  }

  /** Our peer, speaking JSON lines. */
  async ourPeer(serverPort: number, args: readonly string[] = []): Promise<Running> {
    return this.#start(peal, /"_tag":"Started".*?"port":(\d+)/, ['peer', '--classic', host, serverPort, '--ports', range(serverPort), '--json', ...args])
  }

  /** Our server, and the fingerprint that it shows. */
  async sealedServer(args: readonly string[] = [], port = anyPort()): Promise<Running & { readonly line: string; readonly print: string }> {
    const server = await this.ourServer(args, port)
    const [, line = '', print = ''] = await server.program.line(/^peal peer (.*#(.*))$/)
    return { ...server, line, print }
  }

  /** Our sealed peer with the keys `name`, speaking JSON lines. `line`: host:port, with #fingerprint or without. */
  async sealedPeer(line: string, name: string, args: readonly string[] = []): Promise<Running> {
    return this.#start(peal, /"_tag":"Started".*?"port":(\d+)/, ['peer', line, '--as', name, '--ports', rangeOf(line), '--json', ...args])
  }

  /** Lines given to our sealed peer, which speaks to a person, to its end. */
  script(line: string, name: string, ...lines: readonly string[]): Program {
    return this.#run(peal, ['peer', line, '--as', name, '--ports', rangeOf(line), ...lines.flatMap((one) => ['-c', one])])
  }

  /** Somebody on the line to the server at that port. */
  async tap(serverPort: number, fate?: () => Fate): Promise<Tap> {
    const tap = await Tap.open(serverPort, fate)
    this.#taps.push(tap)
    return tap
  }

  /** Our program with any arguments, to its end. */
  peal(...args: readonly (string | number)[]): Program {
    return this.#run(peal, args)
  }

  /** The same, in each thread of which the stage's module `name` is loaded first, and told `what`. */
  prepared(name: string, what: string, ...args: readonly (string | number)[]): Program {
    const module = new URL(`./${name}.js`, import.meta.url)
    module.search = encodeURIComponent(what)
    return this.#run(peal, args, ['--import', module.href])
  }

  /** A program of the stage's own, such as `holder`. */
  play(name: string, ...args: readonly (string | number)[]): Program {
    return this.#run(`./${name}.js`, args)
  }

  /** A socket of the test itself. */
  async socket(): Promise<Socket> {
    const socket = createSocket('udp4')
    this.#sockets.push(socket)
    socket.bind(0, host)
    await once(socket, 'listening')
    return socket
  }

  #run(file: string, args: readonly (string | number)[], flags = this.#flags): Program {
    const program = new Program(new URL(file, import.meta.url), args.map(String), this.folder, this.home, flags)
    this.#programs.push(program)
    return program
  }

  async #start(file: string, ready: RegExp, args: readonly (string | number)[]): Promise<Running> {
    const program = this.#run(file, args)
    const [, port] = await program.line(ready)
    return { program, port: Number(port) }
  }
}

/** A stage that opens before and closes after each test of the suite that calls this. */
export const useStage = (): Stage => {
  const stage = new Stage()
  beforeEach(() => stage.open())
  afterEach(() => stage.close())
  return stage
}
