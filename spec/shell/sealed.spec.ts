// The sealed wire as programs speak it: what a line shows, whom a peer trusts, what it is told when something is not as it was.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { diary, pins, type Host, type peer } from '../../core/index.js'
import { identityFolder, keep, type IdentityName } from '../../shell/identity/secrets.js'
import { startMember } from '../../shell/member.js'
import { openMemory } from '../../shell/stores/memory.js'
import { Random } from './random.js'
import { homeIn } from '../stage/program.js'
import { agreed, codesOf, outcome, useStage } from '../stage/stage.js'
import type { Fate } from '../stage/tap.js'

const record = 0xfb

/** How somebody on the line could look for a text: as it is, backwards, in UTF-16 of either order, in hexadecimal digits, in base64. */
const guises = (text: string): readonly Buffer[] => {
  const plain = Buffer.from(text, 'utf8')
  const wide = Buffer.from(text, 'utf16le')
  // base64 of three bytes is four characters: of whichever the text begins with, only what it determines
  const base64 = [0, 1, 2].map((before) => {
    const bits = (before + plain.length) * 8
    return Buffer.from(Buffer.concat([Buffer.alloc(before), plain]).toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6)))
  })
  return [plain, Buffer.from(plain).reverse(), wide, Buffer.from(wide).swap16(), Buffer.from(plain.toString('hex')), ...base64]
}

const shows = (datagrams: readonly Buffer[], text: string): boolean => datagrams.some((bytes) => guises(text).some((guise) => bytes.includes(guise)))

describe('a sealed session, read on the line', () => {
  const stage = useStage()
  const names = ['Aurelia', 'Bartholomew', 'Zephyr Club', 'Quartz Hall']
  const words = ['register', 'create', 'join', 'members', 'invite', 'leave', 'query-lists', 'exit']

  it('shows no name and no command, and that it is sealed; a classic one shows them', async () => {
    const server = await stage.sealedServer()
    const tap = await stage.tap(server.port)
    const line = `127.0.0.1:${tap.port}#${server.print}`
    const [aurelia, bartholomew] = [(await stage.sealedPeer(line, 'a')).program, (await stage.sealedPeer(line, 'b')).program]
    await agreed(aurelia, 'register Aurelia', 'create "Zephyr Club"', 'create --closed "Quartz Hall"', 'join "Zephyr Club"')
    await agreed(bartholomew, 'register Bartholomew', 'join "Zephyr Club"', 'query-lists')
    await agreed(aurelia, 'invite "Quartz Hall" Bartholomew', 'members "Zephyr Club"', 'leave "Zephyr Club"', 'exit')
    await agreed(bartholomew, 'join "Quartz Hall"', 'members "Quartz Hall"', 'exit')
    const datagrams = tap.seen.map(({ bytes }) => bytes)
    ok(datagrams.length >= 30, `${datagrams.length} datagrams`)
    deepEqual([...names, ...words].filter((text) => shows(datagrams, text)), [])
    deepEqual(datagrams.filter((bytes) => (bytes[0] ?? 0) < 0xf8 || (bytes[0] ?? 0) > 0xfc || bytes.length > 1200), [])

    const before = tap.seen.length
    const classic = (await stage.ourPeer(tap.port)).program
    await agreed(classic, 'register Aurelia', 'register Bartholomew', 'create "Zephyr Club 2"', 'join "Zephyr Club 2" Aurelia', 'query-lists', 'leave "Zephyr Club 2" Aurelia', 'exit Aurelia')
    const clear = tap.seen.slice(before).map(({ bytes }) => bytes)
    deepEqual([...names.slice(0, 3), ...words].filter((text) => !shows(clear, text)), ['members', 'invite'])
  })
})

describe('the key of the server', () => {
  const stage = useStage()

  it('is remembered at first contact; another one stops the peer, which asks nothing, until its user accepts it', async () => {
    const first = await stage.sealedServer(['--identity', 'first'])
    const tap = await stage.tap(first.port)
    const bare = `127.0.0.1:${tap.port}`
    const ask = async (name: string, line: string, ...options: readonly string[]): Promise<readonly [number | null, string]> => {
      const program = stage.peal('peer', ...options, line, '--as', name, '--ports', `${tap.port}-${tap.port + 500}`, 'register', name)
      const { code, stderr } = await program.ended
      return [code, stderr.replaceAll('-', '')]
    }
    const [met, said] = await ask('me', bare)
    equal(met, 0)
    ok(said.includes(`first contact: the server's key is ${first.print}`), said)
    ok(!(await ask('me', bare))[1].includes('first contact'))

    await first.program.stop()
    const second = await stage.sealedServer(['--identity', 'second'], first.port)
    equal(second.port, first.port)
    ok(second.print !== first.print)
    const before = tap.seen.length
    const stopped = await ask('me', bare)
    equal(stopped[0], 77)
    match(stopped[1], new RegExp(`STOPPED: .*${first.print}.*${second.print}.*Somebody is in between, or the server was set up anew.*acceptserverkey`))
    deepEqual(tap.seen.slice(before).filter(({ bytes }) => bytes[0] === record), [], 'something was sealed for a stranger')

    const otherwise = await ask('me', `${bare}#${second.print}`)
    deepEqual([otherwise[0], otherwise[1].includes('STOPPED')], [77, true])
    const wrong = await ask('newcomer', `${bare}#${first.print}`)
    deepEqual([wrong[0], /STOPPED: .*not the one you gave.*Ask who runs it/.test(wrong[1])], [77, true])
    const accepted = await ask('me', bare, '--accept-server-key')
    deepEqual([accepted[0], accepted[1].includes(`the server's key is now ${second.print}: accepted`)], [0, true])
    equal((await ask('me', `${bare}#${second.print}`))[0], 0)
  })
})

describe('two programs with one pair of keys', () => {
  const stage = useStage()

  it('are never on one machine; of two machines the later one is the contact, and the earlier one is told and ends', async () => {
    const { line, port } = await stage.sealedServer()
    const older = (await stage.sealedPeer(line, 'me')).program
    await agreed(older, 'register Me', 'create l', 'join l')
    const { code, stderr } = await stage.script(line, 'me', 'query-lists').ended
    deepEqual([code, /the keys of "me" are in use by process \d+; --as NAME makes others/.test(stderr)], [75, true])

    // another machine has no lock in common with this one
    const kept = await keep(identityFolder(homeIn(stage.home), 'peer'), 'me' as IdentityName)()
    if (isLeft(kept)) throw new Error(kept.left.sentence)
    const notices: peer.Notice[] = []
    let news: () => void = () => undefined
    const times = async (count: number, tag: string): Promise<void> => {
      while (notices.filter(({ _tag }) => _tag === tag).length < count) await new Promise<void>((resolve) => (news = resolve))
    }
    const started = await startMember({
      server: { ip: '127.0.0.1' as Host, port: port as never }, host: '127.0.0.1', ports: [port + 101, port + 103, port + 105], ownIp: undefined,
      secrets: kept.right.secrets, pins: pins.none, expected: undefined, acceptServer: false, remember: () => undefined, store: () => openMemory(diary.ledger), full: () => undefined,
      notice: (notice) => {
        notices.push(notice)
        news()
      },
    })()
    if (isLeft(started)) throw new Error(started.left.code)
    const newer = started.right
    await times(1, 'Ready')
    newer.ask({ _tag: 'Register', contact: 'Me' as never })
    await older.line(/"_tag":"Superseded"/)
    equal((await older.ended).code, 77)
    await times(2, 'Ready')
    newer.ask({ _tag: 'Leave', list: 'l' as never, contact: undefined })
    await times(2, 'Answered')
    deepEqual(notices.flatMap((notice) => (notice._tag === 'Answered' ? [notice.code] : [])), [200, 200])
    newer.close(false)
    await newer.ended
  })
})

describe('a server that starts again', () => {
  const stage = useStage()

  it('is spoken with again after a hello or two, and says that it does not know the contact any more', async () => {
    const first = await stage.sealedServer()
    const tap = await stage.tap(first.port)
    const me = (await stage.sealedPeer(`127.0.0.1:${tap.port}#${first.print}`, 'me')).program
    await agreed(me, 'register Me', 'create l', 'join l')
    await first.program.stop()
    const again = await stage.sealedServer([], first.port)
    deepEqual([again.port, again.print], [first.port, first.print])
    const before = tap.way(true).length
    const { code, sentence } = await outcome(me, 'members l')
    deepEqual([code, sentence], [401, 'no contact is registered with this key; register first'])
    const hellos = tap.way(true).slice(before).filter(([kind]) => kind === 0xf8)
    ok(hellos.length >= 1 && hellos.length <= 2, `${hellos.length} hellos`)
    await agreed(me, 'register Me', 'create l', 'join l', 'members l')
  })
})

describe('a line that drops, doubles and reorders', () => {
  const stage = useStage()

  it('answers each of thirty commands once, and what they say is what is so', async () => {
    const random = Random(20261122)
    const fates: readonly Fate[] = ['drop', 'twice', 'hold', 'pass', 'pass', 'pass', 'pass', 'pass']
    const server = await stage.sealedServer()
    const tap = await stage.tap(server.port, () => random.pick(fates))
    const me = (await stage.sealedPeer(`127.0.0.1:${tap.port}#${server.print}`, 'me')).program
    const script = [
      'register Me', ...[1, 2, 3, 4, 5, 6, 7].flatMap((i) => [`create l${i}`, `join l${i}`, `join l${i}`]),
      'leave l1', 'leave l1', 'delete l2', 'delete l2', 'create l2', 'members l3', 'query-lists', 'leave l4',
    ]
    equal(script.length, 30)
    me.type(...script)
    me.finish()
    equal((await me.ended).code, 1)
    deepEqual(codesOf(me), [200, ...[1, 2, 3, 4, 5, 6, 7].flatMap(() => [200, 200, 461]), 200, 464, 200, 460, 200, 200, 200, 200])
    const operated = async (...words: readonly string[]): Promise<readonly string[]> => {
      const program = stage.peal('operator', '--port', server.port, ...words)
      await program.ended
      return program.said
    }
    deepEqual(await operated('query-lists'), ['200 done', 'l1', 'l3', 'l4', 'l5', 'l6', 'l7', 'l2'])
    deepEqual([await operated('members', 'l1'), await operated('members', 'l3'), await operated('members', 'l4')], [
      ['200 done', 'sealed, owned by Me'], ['200 done', 'sealed, owned by Me', 'Me alive'], ['200 done', 'sealed, owned by Me'],
    ])
  })
})

describe('the operator', () => {
  const stage = useStage()

  it('frees names on both wires, saves, and is nobody but the user of the server', async () => {
    const { line, port } = await stage.sealedServer()
    const me = (await stage.sealedPeer(line, 'me')).program
    const old = (await stage.ourPeer(port)).program
    await agreed(me, 'register Me', 'create --open l', 'join l')
    await agreed(old, 'register Old', 'join l Old')
    const operated = async (...words: readonly string[]): Promise<number | null> => (await stage.peal('operator', '--port', port, ...words).ended).code
    equal((await stat(join(homeIn(stage.home).XDG_RUNTIME_DIR, 'peal', `server-${port}.sock`))).mode & 0o777, 0o600)
    equal(await operated('save', 'both.txt'), 0)
    ok((await stat(join(stage.folder, 'both.txt'))).size > 0)
    deepEqual([await operated('forget', 'Me'), await operated('forget', 'Old'), await operated('forget', 'Old')], [0, 0, 1])
    deepEqual([(await outcome(me, 'join l'))['code'], (await outcome(me, 'members l'))['code']], [401, 401])
    equal((await outcome(old, 'join l Old'))['code'], 459)
    const another = (await stage.sealedPeer(line, 'another')).program
    await agreed(another, 'register Me', 'query-lists', 'join l')
    await agreed(old, 'register Old')
  })
})

describe('the command line of the sealed wire', () => {
  const stage = useStage()

  it('is answered with a sentence and 64 where it is wrong', async () => {
    const print = 'a'.repeat(52)
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['peer 127.0.0.1:1#xyz', /"xyz" is no fingerprint: 52 letters a-z and digits 2-7, or 13 groups of 4 with dashes/],
      ['peer 127.0.0.1', /the port of the server is missing: 127\.0\.0\.1:22000, say/],
      ['peer 127.0.0.1:x', /"127\.0\.0\.1:x" is no server: host:port/],
      [`peer --classic 127.0.0.1:22000#${print}`, /leave --classic out/],
      ['peer --classic --as me 127.0.0.1:22000', /--as is of the sealed wire: leave --classic out/],
      ['peer --classic --accept-server-key 127.0.0.1:22000', /--accept-server-key is of the sealed wire: leave --classic out/],
      ['peer 127.0.0.1:22000 --as ../me', /expected 1 to 64 letters, digits, dashes or underscores/],
      ['server --classic nobody', /Allowed choices are off, loopback, lan, open/],
      ['server --identity a/b', /expected 1 to 64 letters/],
      ['server --request-rate -1', /expected a whole number from 0/],
      ['operator --port 0 query-lists', /expected a whole number from 1 to 65535/],
      ['operator forget', /missing required argument 'contact'; usage: forget <contact>/],
    ]
    await Promise.all(wrong.map(async ([words, sentence]) => {
      const { code, stderr } = await stage.peal(...words.split(' ')).ended
      equal(code, 64, words)
      match(stderr, sentence, words)
    }))
  })
})
