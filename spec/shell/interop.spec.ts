// Ours among originals: stand-ins written from the facts alone, which read 2048 bytes and die of anything malformed.
import { deepEqual, equal, match } from 'node:assert/strict'
import { Random, type RandomGenerator } from './random.js'
import { ask, command, useStage } from '../stage/stage.js'
import { rule } from '../protocol.js'
import type { Program } from '../stage/program.js'

/** Types commands at one of our prompts, each after the answer to the one before; each must succeed. */
const ours = async (peer: Program, ...typed: ReadonlyArray<string>): Promise<void> => {
  for (const line of typed) {
    peer.type(line)
    const [answer] = await peer.line(/"_tag":"Answered".*/)
    match(answer, /"code":200/, line)
  }
}

describe('ours among originals', () => {
  const stage = useStage()

  /** A ring of two originals and two of ours, and a message from each of them. */
  const gather = async (port: number): Promise<void> => {
    const old = await stage.peer(port)
    const mine = await stage.ourPeer(port)
    const older = await stage.peer(port)
    const mineToo = await stage.ourPeer(port)
    await command(old.program, `register Old 127.0.0.1 ${old.port}`, 'create l', 'join l Old')
    await ours(mine.program, 'register Mine', 'join l Mine')
    await command(older.program, `register Older '127.0.0.1' ${older.port}`, 'join l Older')
    await ours(mineToo.program, 'register Also', 'join l Also')
    const originals = [old.program, older.program]
    const peers = [mine.program, mineToo.program]

    mine.program.type('im-start l Mine', 'Привет, ring')
    await mine.program.line(/"_tag":"Home".*"members":4/)
    for (const original of originals) await original.line(/^MESSAGE Mine: "\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442, ring"$/)
    await mineToo.program.line(/"_tag":"Shown","from":"Mine","text":"Привет, ring"/)
    await ours(mine.program, 'im-complete l Mine')

    await command(older.program, 'im-start l Older')
    older.program.type('Hello new')
    await older.program.line(/^COMPLETE \["Older", "Old", "Mine", "Also"\]$/)
    for (const peer of peers) await peer.line(/"_tag":"Shown","from":"Older","text":"Hello new"/)
    await old.program.line(/^MESSAGE Older: "Hello new"$/)
    await command(older.program, 'im-complete l Older', 'leave l Older')
  }

  it(rule('C33'), async () => {
    await gather((await stage.server()).port)
    await gather((await stage.ourServer()).port)
  })

  it('tell an original no more than it can read', async () => {
    const { port } = await stage.ourServer()
    const client = await stage.socket()
    equal(await ask(client, port, 'create-_-l'), '200-_-null')
    for (let i = 0; i < 40; i++) {
      equal(await ask(client, port, `register-_-contact ${i}-_-192.0.2.1-_-22000`), '200-_-null')
      equal(await ask(client, port, `join-_-l-_-contact ${i}`), '200-_-null')
    }
    equal(await ask(client, port, 'im-start-_-l-_-contact 0'), '413-_-null')
    const original = await stage.peer(port)
    original.program.type('im-start l contact')
    await original.program.line(/^REPLY 459-_-null$/)
  })

  it('answer long random sequences of commands as an original server does, but for the stricter rule of join', async () => {
    const original = await stage.server()
    const mine = await stage.ourServer()
    const client = await stage.socket()
    const random: RandomGenerator = Random(20261122)
    const contact = (): string => random.pick(['Me', 'Myself', 'I', 'Foo', 'Bar baz', '__proto__'])
    const list = (): string => random.pick(['l', 'm', 'n o'])
    const commands: ReadonlyArray<() => string> = [
      () => `register-_-${contact()}-_-192.0.2.${random.below(255)}-_-${22000 + random.below(400)}`,
      () => `create-_-${list()}`,
      () => 'query-lists',
      () => `join-_-${list()}-_-${contact()}`,
      () => `join-_-${list()}-_-${contact()}`,
      () => `leave-_-${list()}-_-${contact()}`,
      () => `im-start-_-${list()}-_-${contact()}`,
      () => `im-complete-_-${list()}-_-${contact()}`,
      () => `im-complete-_-${list()}-_-${contact()}`,
      () => `exit-_-${contact()}`,
    ]
    const met = new Set<string>()
    for (let i = 0; i < 5000; i++) {
      const request = random.pick(commands)()
      const stricter = await ask(client, mine.port, request)
      met.add(`${request.split('-_-')[0] ?? ''} ${stricter.slice(0, 3)}`)
      if (request.startsWith('join') && stricter.startsWith('463')) continue
      const reply = await ask(client, original.port, request)
      const [code, body = ''] = reply.split(/-_-(.*)/s)
      const [ourCode, ourBody = ''] = stricter.split(/-_-(.*)/s)
      deepEqual([ourCode, JSON.parse(ourBody)], [code, JSON.parse(body)], `${i}: ${request}`)
    }
    equal(met.size, 27, [...met].sort().join(', '))
  })
})
