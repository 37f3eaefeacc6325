// The two sockets of a peer: how it faces its server, and faces it again when this machine has another address than before.
import { equal } from 'node:assert/strict'
import { isLeft } from 'fp-ts/lib/Either.js'
import { bindFaced, deaf, faceAgain, sendToServer, type Faced } from '../../shell/pair.js'
import { heard, host, useStage } from '../stage/stage.js'
import type { Address } from '../../core/index.js'

describe('a peer that faces its server', () => {
  const stage = useStage()

  const pairs: Faced[] = []
  afterEach(() => Promise.all(pairs.splice(0).flatMap(({ commands, relays }) => [commands.close(), relays.close()])))

  const faced = async (port: number): Promise<Faced> => {
    const ports = Array.from({ length: 500 }, (_, i) => 31000 + 2 * i)
    const bound = await bindFaced({ server: { ip: host, port } as Address, host: '0.0.0.0', ports, ownIp: undefined }, deaf())()
    if (isLeft(bound)) throw new Error(bound.left.code)
    pairs.push(bound.right)
    return bound.right
  }

  const again = (pair: Faced): Promise<void> => new Promise((then) => faceAgain(pair, then))

  it('faces it again from the same port, as often as it likes, and is heard', async () => {
    const server = await stage.socket()
    const pair = await faced(server.address().port)
    let connections = 0
    // only then does the system choose the address to send from
    pair.commands.raw.on('connect', () => (connections += 1))
    for (const text of ['one', 'two', 'three']) {
      const arrived = heard(server)
      sendToServer(pair, Buffer.from(text))
      const { text: said, port } = await arrived
      equal(said, text)
      equal(port, pair.own.port)
      await again(pair)
    }
    equal(connections, 3)
  })

  it('goes on where there is no way to the server, and loses what it sends', async () => {
    const server = await stage.socket()
    const pair = await faced(server.address().port)
    pair.commands.raw.disconnect()
    sendToServer(pair, Buffer.from('lost'))
    await again(pair)
    const arrived = heard(server)
    sendToServer(pair, Buffer.from('found'))
    equal((await arrived).text, 'found')
    await Promise.all(pairs.splice(0).flatMap(({ commands, relays }) => [commands.close(), relays.close()]))
    sendToServer(pair, Buffer.from('closed'))
    await again(pair)
  })
})
