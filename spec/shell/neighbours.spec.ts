// Sockets that face neighbours, all at one port: each hears its own, the open one everybody else, and a closed port is known at once.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isLeft } from 'fp-ts/lib/Either.js'
import { limits } from '../../shell/limits.js'
import { openNeighbours, type Neighbours } from '../../shell/neighbours.js'
import { bindOpened, deaf } from '../../shell/pair.js'
import { bind, type Socket } from '../../shell/udp.js'
import type { Host, Port, PublicKey } from '../../core/index.js'

const host = '127.0.0.1'
const keyOf = (n: number): PublicKey => n.toString(16).padStart(64, '0') as PublicKey

describe('sockets that face neighbours', () => {
  let sockets: Socket[] = []
  let news = (): void => undefined
  let heard: string[] = []
  let neighbours: Neighbours | undefined
  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) await new Promise<void>((resolve) => (news = resolve))
  }
  const socketAt = async (port: number, shared = false): Promise<Socket> => {
    const bound = await bind(host, port, {
      datagram: (bytes, _, from) => {
        heard.push(`${Buffer.from(bytes).toString()} from ${from}`)
        news()
      },
      trouble: () => undefined,
    }, shared)()
    if (isLeft(bound)) throw new Error(bound.left.code)
    sockets.push(bound.right)
    return bound.right
  }
  const openAt = (open: Socket, closed: (key: PublicKey) => void): Neighbours =>
    (neighbours = openNeighbours({
      open, closed,
      hear: (bytes, _, port) => {
        heard.push(`faced ${Buffer.from(bytes).toString()} from ${port}`)
        news()
      },
    }))
  /** Says something there until the socket that faces it does: then what comes back is heard by that one. */
  const facing = async (to: Socket, at: number): Promise<void> => {
    for (let n = 0; !heard.some((one) => one.startsWith('faced')); n++) {
      to.sendNow(Buffer.from('here'), host, at)
      const before = heard.length
      await until(() => heard.length > before)
    }
  }
  beforeEach(() => ([sockets, heard, neighbours] = [[], [], undefined]))
  afterEach(async () => {
    await neighbours?.close()
    // the first one is theirs, where there are any
    await Promise.all(sockets.slice(neighbours === undefined ? 0 : 1).map((socket) => socket.close()))
  })

  it('send from the one port, and hear what comes from their neighbours; the open one hears the rest', async () => {
    const open = await socketAt(0, true)
    const [near, far] = [await socketAt(0), await socketAt(0)]
    const sockets_ = openAt(open, () => undefined)
    sockets_.meet(keyOf(1), { ip: host, port: near.port })
    await facing(near, open.port)
    heard.length = 0
    for (let n = 0; n < 20; n++) {
      near.sendNow(Buffer.from(`n${n}`), host, open.port)
      far.sendNow(Buffer.from(`f${n}`), host, open.port)
    }
    await until(() => heard.length === 40)
    const all = Array.from({ length: 20 }, (_, n) => n)
    deepEqual([...heard].sort(), [...all.map((n) => `faced n${n} from ${near.port}`), ...all.map((n) => `f${n} from ${far.port}`)].sort())
    heard.length = 0
    sockets_.send(Buffer.from('to near'), host, near.port)
    sockets_.send(Buffer.from('to far'), host, far.port)
    await until(() => heard.length === 2)
    deepEqual([...heard].sort(), [`to far from ${open.port}`, `to near from ${open.port}`])
  })

  it('let what is sent together leave the newest first, at the end of the turn or when they are told to, and once', async () => {
    const open = await socketAt(0, true)
    const near = await socketAt(0)
    const sockets_ = openAt(open, () => undefined)
    const send = (text: string): void => sockets_.send(Buffer.from(text), host, near.port)
    send('ack')
    send('relay')
    sockets_.leave()
    send('third')
    send('fourth')
    await until(() => heard.length === 4)
    deepEqual(heard, ['relay', 'ack', 'fourth', 'third'].map((text) => `${text} from ${open.port}`))
  })

  it('say whose port is closed, and of no more neighbours than they face', async () => {
    const open = await socketAt(0, true)
    const gone = await socketAt(0)
    const near = await socketAt(0)
    const closed: PublicKey[] = []
    const sockets_ = openAt(open, (key) => {
      closed.push(key)
      news()
    })
    sockets_.meet(keyOf(1), { ip: host, port: near.port })
    await facing(near, open.port)
    sockets_.meet(keyOf(2), { ip: host, port: gone.port })
    sockets.splice(sockets.indexOf(gone), 1)
    await gone.close()
    while (closed.length === 0) {
      sockets_.send(Buffer.from('anybody?'), host, gone.port)
      await new Promise((resolve) => setImmediate(resolve))
    }
    deepEqual([...new Set(closed)], [keyOf(2)])
    for (let n = 0; n < limits.neighbourSockets; n++) sockets_.meet(keyOf(n + 3), { ip: host, port: near.port === 40_000 + n ? 50_000 : 40_000 + n })
    // the first neighbour is faced no more: what it says arrives where everybody's does
    heard.length = 0
    while (!heard.some((one) => one.startsWith('still'))) {
      near.sendNow(Buffer.from('still here'), host, open.port)
      const before = heard.length
      await until(() => heard.length > before)
    }
    ok(heard.includes(`still here from ${near.port}`))
  })

  it('share their port with nobody: another pair is bound elsewhere, and a port that is in use is not taken', async () => {
    const server = await socketAt(0)
    const options = { server: { ip: host as Host, port: server.port as Port }, host, ports: [0], ownIp: undefined }
    const first = await bindOpened(options, deaf())()
    if (isLeft(first)) throw new Error(first.left.code)
    const { port } = first.right.own
    for (const ports of [[port], [port - 1], [port + 1]]) {
      const second = await bindOpened({ ...options, ports }, deaf())()
      ok(isLeft(second), `${ports.join()} is taken`)
      equal(second.left.code, 'EADDRINUSE')
    }
    const { open, commands, relays } = first.right
    await Promise.all([open, commands, relays].map((socket) => socket.close()))
  })
})
