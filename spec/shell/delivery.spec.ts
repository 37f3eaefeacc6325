// Messages on the sealed wire, as programs send them: real processes on real sockets, killed where it hurts. Each test is a list of its own.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { diary, fingerprintFrom, limits, pins, type ContactName, type Host, type ListName, type peer } from '../../core/index.js'
import { newSecrets } from '../../shell/channel/secrets.js'
import { openLossy } from '../../shell/cli/demo/lossy.js'
import { startMember } from '../../shell/member.js'
import { openMemory } from '../../shell/stores/memory.js'
import { freed, gather, Member, names } from '../stage/company.js'
import { useStage } from '../stage/stage.js'
import type { Open } from '../../shell/stores/store.js'

/** ms: what a lease of five members is at most (`ring.md`, R4), and what a process that is being killed may take on a busy machine */
const leaseMs = limits.leaseMs + 5 * (limits.leaseMemberMs + limits.leasePartMs)
const slackMs = 4000

describe('a message on the sealed wire', () => {
  const stage = useStage()
  const serve = (): ReturnType<typeof stage.sealedServer> => stage.sealedServer(['--request-rate', '0'])
  const company = (line: string, ...who: readonly string[]): readonly Member[] => who.map((name) => new Member(name, () => stage.sealedPeer(line, name)))

  it('reaches all of a ring of five, past a member that was killed, and that one once when it is back', async () => {
    const { line } = await serve()
    const [alice, bob, carol, dave, eve] = company(line, 'alice', 'bob', 'carol', 'dave', 'eve') as [Member, Member, Member, Member, Member]
    const others = [bob, carol, dave, eve]
    await gather('friends', [alice, ...others])
    const whole = await alice.sends('friends', 'hello')
    deepEqual([names(whole.delivered), whole.undelivered, whole.unknown], [['bob', 'carol', 'dave', 'eve'], [], []])
    for (const member of others) await member.hears('hello')

    for (const round of [1, 2]) {
      await bob.die()
      const text = `past bob ${round}`
      const partial = await alice.sends('friends', text)
      deepEqual([names(partial.delivered), names(partial.unknown)], [['carol', 'dave', 'eve'], ['bob']])
      equal(partial.unknown[0]?.why, 'portClosed')
      ok(await freed(eve, 'friends') < leaseMs + slackMs)
      await bob.enter()
      alice.program.type(`resend ${partial.im}`)
      const again = await alice.report()
      deepEqual([names(again.delivered), again.unknown], [['bob', 'carol', 'dave', 'eve'], []])
      await bob.hears(text)
      equal(bob.shown().filter((shown) => shown === text).length, 1)
    }
    const texts = ['hello', 'past bob 1', 'past bob 2']
    for (const member of [alice, ...others]) deepEqual(await member.history('friends'), texts, member.name)
    deepEqual([carol.shown(), dave.shown()], [texts, texts])
  })

  it('is reported by its initiator also when that one was killed, and is held no longer than its lease', async () => {
    const { line } = await serve()
    const [alice, bob, carol] = company(line, 'alice', 'bob', 'carol') as [Member, Member, Member]
    await gather('friends', [alice, bob, carol])
    await alice.sends('friends', 'warm')
    for (const member of [bob, carol]) await member.hears('warm')

    alice.program.type('send friends then gone')
    await alice.program.line(/"_tag":"Begun"/)
    await alice.die()
    await alice.enter()
    const resumed = await alice.report()
    deepEqual([names(resumed.delivered), resumed.unknown], [['bob', 'carol'], []])
    ok(await freed(carol, 'friends') < leaseMs + slackMs)
    for (const member of [bob, carol]) deepEqual(member.shown(), ['warm', 'then gone'])

    alice.program.type('send friends never back')
    await alice.program.line(/"_tag":"Begun"/)
    await alice.die()
    ok(await freed(carol, 'friends') < leaseMs + slackMs)
    deepEqual(await alice.enter().then(() => alice.history('friends')), ['warm', 'then gone', 'never back'])
  })

  it('is shown once by a member that was restarted, and is in its history', async () => {
    const { line } = await serve()
    const [alice, bob] = company(line, 'alice', 'bob') as [Member, Member]
    await gather('pair', [alice, bob])
    for (const text of ['one', 'two']) await alice.sends('pair', text)
    await bob.hears('two')
    // what a screen had is written within a second; what it may not have had is shown again, and says so
    await bob.die()
    await bob.enter()
    await alice.sends('pair', 'three')
    await bob.hears('three')
    const again = bob.events().filter(({ _tag, text }) => _tag === 'Taken' && text !== 'three')
    deepEqual(again.filter(({ repeated }) => repeated !== true), [])
    deepEqual(await bob.history('pair'), ['one', 'two', 'three'])
  })

  it('arrives at all of five, fifty times, through a network that loses three datagrams of ten', async () => {
    const server = await serve()
    let loss = 0
    const lossy = await openLossy(server.port, () => loss, 20261122)
    const members = company(`127.0.0.1:${lossy.port}#${server.print}`, 'alice', 'bob', 'carol', 'dave', 'eve')
    const [alice, ...others] = members as [Member, ...Member[]]
    await gather('friends', members)
    await alice.sends('friends', 'first')
    loss = 0.3
    const texts = Array.from({ length: 50 }, (_, n) => `round ${n}`)
    for (const text of texts) {
      const report = await alice.sends('friends', text)
      deepEqual(names(report.delivered), ['bob', 'carol', 'dave', 'eve'], `${text}: ${JSON.stringify(report.unknown)}`)
    }
    for (const member of others) {
      await member.hears(texts.at(-1) ?? '')
      deepEqual(member.shown(), ['first', ...texts], member.name)
    }
    ok(lossy.counts.lost > lossy.counts.passed / 4, `${lossy.counts.lost} of ${lossy.counts.passed}`)
    lossy.close()
  })

  it('is shown and acknowledged when it is durable, and not before', async () => {
    const { line, port, print } = await serve()
    const [alice] = company(line, 'alice') as [Member]
    await gather('pair', [alice])
    const said: peer.Notice[] = []
    let news = (): void => undefined
    const until = async (is: () => boolean): Promise<void> => {
      while (!is()) await new Promise<void>((resolve) => (news = resolve))
    }
    const has = (tag: peer.Notice['_tag'], count = 1): boolean => said.filter(({ _tag }) => _tag === tag).length >= count
    const memory = openMemory(diary.ledger)
    const appends: Array<() => void> = []
    /** Writes when the test lets it. */
    const slow: Open<diary.Mark, diary.Diary> = (first) => async () => {
      const opened = await memory(first)()
      if (isLeft(opened)) return opened
      const { restored, store } = opened.right
      const append: typeof store.append = (batch) => () => new Promise((resolve) => {
        appends.push(() => void store.append(batch)().then(resolve))
        news()
      })
      return right({ restored, store: { ...store, append } })
    }
    const started = await startMember({
      server: { ip: '127.0.0.1' as Host, port: port as never }, host: '127.0.0.1', ports: [port + 301, port + 303, port + 305], ownIp: undefined,
      secrets: newSecrets(), pins: pins.none, expected: fingerprintFrom(print), acceptServer: false, remember: () => undefined, store: () => slow, full: () => undefined,
      notice: (notice) => {
        said.push(notice)
        news()
      },
    })()
    if (isLeft(started)) throw new Error(started.left.code)
    const bob = started.right
    await until(() => has('Ready'))
    bob.ask({ _tag: 'Register', contact: 'bob' as ContactName })
    await until(() => has('Ready', 2))
    bob.ask({ _tag: 'Join', list: 'pair' as ListName, contact: undefined })
    await until(() => has('Ready', 3))
    alice.program.type('send pair hello')
    await until(() => appends.length > 0)
    // while another program starts, asks and ends, alice sends it again and again
    await stage.script(line, 'carol', 'query-lists').ended
    deepEqual([has('Taken'), alice.events().some(({ _tag }) => _tag === 'RoundHome' || _tag === 'Reported')], [false, false])
    appends.shift()?.()
    await until(() => has('Taken'))
    deepEqual(names((await alice.report()).delivered), ['bob'])
    bob.close(false)
    await bob.ended
  })

  it('is closed by a member that has muted the list, and tells the exit code what came of it', async () => {
    const { line } = await serve()
    const [alice, bob, carol] = company(line, 'alice', 'bob', 'carol') as [Member, Member, Member]
    await gather('friends', [alice, bob, carol])
    bob.program.type('mute friends')
    await bob.program.line(/"_tag":"Ready"/)
    const closed = await alice.sends('friends', 'quiet')
    deepEqual([names(closed.delivered), names(closed.undelivered), closed.undelivered[0]?.why], [['carol'], ['bob'], 'closed'])
    alice.program.finish()
    equal((await alice.program.ended).code, 3)
    for (const [value, code, said] of [['majority', 3, 2], ['1', 0, undefined], ['9', 3, 9], ['all', 3, undefined]] as const) {
      const program = stage.peal('peer', line, '--as', 'alice', '--require', value, '-c', 'register alice', '-c', 'send friends once more')
      const ended = await program.ended
      equal(ended.code, code, ended.stderr)
      deepEqual(ended.stderr.split('\n').filter((one) => one.endsWith('were required')), said === undefined ? [] : [`1 of 2 have it, and ${said} were required`])
      ok(program.said.some((said) => /^delivered 1\/2 in \d+ ms; not delivered: bob \(not taken\); resend [0-9a-f]{28} tries again$/.test(said)), program.said.join('\n'))
    }
    const text = stage.peal('peer', line, '--as', 'alice', '-c', 'register alice', '-c', 'im-start friends alice', '-c', 'step by step', '-c', 'history friends')
    equal((await text.ended).code, 3)
    await carol.hears('step by step')
    ok(text.said.some((said) => /\[friends\] \d+ alice: step by step$/.test(said)), text.said.join('\n'))
  })
})
