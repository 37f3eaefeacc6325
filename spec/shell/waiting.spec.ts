// Changes of members that wait until messages are over, as programs ask for them; who is told what is in the way; and the operator's last word.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import { ControlAnswer } from '../../shell/control.js'
import { JsonLine } from '../../shell/index.js'
import { Member } from '../stage/company.js'
import { ask, askAll, useStage } from '../stage/stage.js'
import type { Program } from '../stage/program.js'

interface Row { readonly list: string; readonly initiator: string; readonly waits: readonly string[] }
interface Event { readonly _tag: string; readonly [field: string]: unknown }

/** The next event of that kind. */
const event = async (program: Program, tag: string): Promise<Event> => {
  const [said] = await program.line(new RegExp(`"_tag":"${tag}".*`))
  return JSON.parse(`{${said}`) as Event
}

const answer = async (program: Program, line: string, tag: string): Promise<Event> => {
  program.type(line)
  return event(program, tag)
}

/** All that was said on standard output, in one. */
const all = async (program: Program): Promise<readonly [number | null, string]> => {
  const { code, stderr } = await program.ended
  return [code, [...program.said, stderr].join('\n')]
}

describe('a change that a message is in the way of', () => {
  const stage = useStage()

  /** alice and bob are on an open list with a classic member, whose messages begin and end as the test says. */
  const village = async (): Promise<{ readonly line: string; readonly alice: Member; readonly bob: Member; readonly old: (verb: 'im-start' | 'im-complete') => Promise<string> }> => {
    const { line, port } = await stage.sealedServer()
    const [alice, bob] = ['alice', 'bob'].map((name) => new Member(name, () => stage.sealedPeer(line, name))) as [Member, Member]
    await Promise.all([alice.enter(), bob.enter()])
    await alice.does('create --open friends', 'join friends')
    await bob.does('join friends')
    const socket = await stage.socket()
    await askAll(socket, port, ['register-_-Old-_-127.0.0.1-_-9', 'join-_-friends-_-Old'])
    return { line, alice, bob, old: (verb) => ask(socket, port, `${verb}-_-friends-_-Old`) }
  }

  it('waits, and is done when the message is over; who asks is told who waits for whom', async () => {
    const { alice, bob, old } = await village()
    match(await old('im-start'), /^200/)
    bob.program.type('leave friends --wait', 'members friends')
    const { ticket, place, about } = await event(bob.program, 'Queued')
    deepEqual([place, about], [1, { word: 'enqueue', args: ['leave', 'friends', 'bob'] }])
    const { locks, tickets } = await answer(alice.program, 'locks friends', 'Locks') as unknown as { readonly locks: readonly Row[]; readonly tickets: readonly Event[] }
    deepEqual(locks.map(({ list, initiator }) => [list, initiator]), [['friends', 'Old']])
    deepEqual(tickets.map(({ ticket: number, by, change, list, waits }) => [number, by, change, list, waits]), [[ticket, 'bob', 'Leave', 'friends', ['friends']]])
    equal((await answer(alice.program, 'leave friends', 'Answered'))['code'], 463)
    equal(((await event(alice.program, 'Locks'))['locks'] as readonly Row[])[0]?.initiator, 'Old')
    match(await old('im-complete'), /^200/)
    const { ticket: served, code } = await event(bob.program, 'Served')
    deepEqual([served, code], [ticket, 200])
    // what was typed meanwhile comes then: who has left is told no members
    equal((await event(bob.program, 'Answered'))['code'], 464)
    equal(bob.events().filter(({ _tag, about: what }) => _tag === 'Queued' && (what as { readonly word: string }).word === 'ticket').length, 0)
    for (const program of [alice.program, bob.program]) {
      program.finish()
      await program.ended
      deepEqual(program.said.filter((said) => !isRight(JsonLine.decode(JSON.parse(said)))), [])
    }
  })

  it('is taken back by an interrupt, which says so; or is left in the queue, under its number', async () => {
    const { line, alice, bob, old } = await village()
    bob.program.finish()
    equal((await bob.program.ended).code, 0)
    match(await old('im-start'), /^200/)
    const waiting = stage.script(line, 'bob', 'register bob', 'leave --wait friends', 'query-lists')
    const [, number = ''] = await waiting.line(/^leave friends bob waits as ticket (\d+), at place 1: /)
    waiting.signal('SIGINT')
    const [code, said] = await all(waiting)
    equal(code, 75, said)
    ok(said.includes(`\nticket ${number} is withdrawn: nothing was done, and nothing will be\n`), said)
    ok(!said.includes('query-lists'), said)
    deepEqual((await answer(alice.program, 'locks', 'Locks'))['tickets'], [])

    const detached = stage.script(line, 'bob', 'register bob', 'leave friends --detach')
    const [, left = ''] = await detached.line(/^leave friends bob waits as ticket (\d+), at place 1: /)
    equal((await detached.ended).code, 0)
    const later = async (words: string): Promise<readonly [number | null, string]> => all(stage.script(line, 'bob', 'register bob', words))
    const [still, stillSaid] = await later(`ticket ${left}`)
    deepEqual([still, stillSaid.includes(`ticket ${left} waits, at place 1: `)], [75, true], stillSaid)
    match(await old('im-complete'), /^200/)
    const [done, doneSaid] = await later(`ticket ${left}`)
    deepEqual([done, doneSaid.includes(`ticket ${left}: 200 done`)], [0, true], doneSaid)
    equal((await later('ticket 77'))[0], 1)
    equal((await later(`ticket ${left}x`))[0], 64)
  })

  it('is taken back by the operator, of which whoever waits is told, and the journal tells', async () => {
    const { line, bob, old } = await village()
    const port = /:(\d+)#/.exec(line)?.[1] ?? ''
    bob.program.finish()
    await bob.program.ended
    match(await old('im-start'), /^200/)
    const waiting = stage.script(line, 'bob', 'register bob', 'leave friends --wait')
    const [, number = ''] = await waiting.line(/^leave friends bob waits as ticket (\d+), at place 1: /)
    const operate = (...words: readonly string[]): Promise<readonly [number | null, string]> => all(stage.peal('operator', '--port', port, ...words))
    deepEqual(await operate('withdraw', number), [0, '200 done\n'])
    const [code, said] = await all(waiting)
    equal(code, 1, said)
    ok(said.includes(`\nticket ${number}: 410 nothing is known of that ticket, or not any more: it was taken back, perhaps by the operator, or is of before an exit, or what came of it is too long ago\n`), said)
    deepEqual((await operate('withdraw', number))[0], 1)
    match((await all(stage.peal('journal', join(stage.home, 'data-0'))))[1], new RegExp(`the operator +withdraw ${number}: 200 done`))
  })

  it('is an exit whose contact is gone when it is asked about, which the answer says as far as it can', async () => {
    const { line, bob, old } = await village()
    bob.program.finish()
    await bob.program.ended
    match(await old('im-start'), /^200/)
    const detached = stage.script(line, 'bob', 'register bob', 'exit --detach')
    const [, number = ''] = await detached.line(/^exit bob waits as ticket (\d+), at place 1: /)
    equal((await detached.ended).code, 0)
    match(await old('im-complete'), /^200/)
    const meant = 'if one was, its tickets are gone with it, and an exit that waited was done, or it was forgotten by the operator'
    deepEqual(await all(stage.script(line, 'bob', `ticket ${number}`)).then(([code, said]) => [code, said.split('\n')[0]]), [77, `ticket ${number}: 401 no contact is registered with this key; register first: ${meant}`])
    const [code, said] = await all(stage.script(line, 'bob', 'register bob', `ticket ${number}`))
    deepEqual([code, said.includes('or is of before an exit')], [1, true], said)
  })

  it('is done at once where nothing is in the way, an exit too, which ends the program', async () => {
    const { line, bob } = await village()
    bob.program.type('leave --wait friends', 'exit --wait')
    equal((await event(bob.program, 'Answered'))['code'], 200)
    equal((await bob.program.ended).code, 0)
    const waiting = stage.script(line, 'bob', 'register bob', 'join --detach friends', 'members friends')
    const [code, said] = await all(waiting)
    equal(code, 0, said)
    match(said, /friends: open, owned by alice; 3 members: alice \([a-z2-7]+, alive\) Old \(classic, without a key\) bob \(/)
  })

  it('is explained: the refusal, who holds the list, and what is in the way now', async () => {
    const { line, bob, old } = await village()
    bob.program.finish()
    await bob.program.ended
    match(await old('im-start'), /^200/)
    const refused = stage.script(line, 'bob', 'register bob', 'explain', 'leave friends', 'explain')
    const [code, said] = await all(refused)
    equal(code, 75, said)
    match(said, /^nothing was refused yet$/m)
    match(said, /^leave friends bob was refused at \d{4}-[^ ]+: 463 an ongoing message keeps [^\n]*\n {2}friends is held by Old for [^\n]*; classic\nnow:\nfriends is held by Old for [^\n]*; classic$/m)
    const told = await stage.sealedPeer(line, 'bob')
    await answer(told.program, 'register bob', 'Answered')
    await answer(told.program, 'leave friends', 'Locks')
    const { refused: what, behind } = await answer(told.program, 'explain', 'Explained') as unknown as { readonly refused: { readonly code: number }; readonly behind: { readonly locks: readonly Row[] } }
    deepEqual([what.code, behind.locks.map(({ initiator }) => initiator)], [463, ['Old']])
    await event(told.program, 'Locks')
    deepEqual(told.program.said.filter((one) => !isRight(JsonLine.decode(JSON.parse(one)))), [])
  })
})

describe('the operator', () => {
  let stopped: Member | undefined
  // a stopped process would not end
  afterEach(() => stopped?.program.signal('SIGCONT'))
  const stage = useStage()

  it('sees every lock, and ends messages by a second word only: their sender is told, and whoever waited is served', async () => {
    const { line, port } = await stage.sealedServer()
    const operate = (...words: readonly string[]): Promise<readonly [number | null, string]> => all(stage.peal('operator', '--port', port, ...words))
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => new Member(name, () => stage.sealedPeer(line, name))) as [Member, Member, Member]
    for (const member of [alice, bob, carol]) await member.enter()
    await alice.does('create friends')
    for (const member of [alice, bob, carol]) await member.does('join friends')
    deepEqual(await operate('unlock', 'friends'), [64, '400 no message holds friends: nothing is to be ended\n'])
    await alice.sends('friends', 'warm')
    // whoever is stopped gives no receipt, and no sign that it will not: the message goes on until its time is over
    bob.program.signal('SIGSTOP')
    stopped = bob
    alice.program.type('send --allow-classic friends never there')
    const { im } = await event(alice.program, 'Begun')
    carol.program.type('leave friends --wait')
    await event(carol.program, 'Queued')
    const [seen, locks] = await operate('locks')
    equal(seen, 0, locks)
    match(locks, /^friends is held by alice for \d+[^;]*; over [^;]* at the latest; .*im [0-9a-f]{28}$/m)
    match(locks, /^ticket \d+: carol waits for \d+[^;]* to leave friends; in its way: friends/m)
    const [twice, would] = await operate('unlock', 'friends')
    equal(twice, 64, would)
    match(would, /^400 nothing was done; unlock friends --force ends this message\nfriends is held by alice /)
    const [, json] = await operate('--json', 'locks', 'friends')
    const { v, ...said } = JSON.parse(json) as { readonly v: number }
    const read = ControlAnswer.decode(said)
    deepEqual([v, isRight(read) ? read.right.held?.locks.map((lock) => lock.im) : read], [1, [im]])
    deepEqual(await operate('unlock', 'friends', '--force'), [0, '200 done\n'])
    equal((await event(carol.program, 'Served'))['code'], 200)
    equal((await event(alice.program, 'Released'))['outcome'], 'forced')
    match((await operate('locks', '--expired'))[1], /^200 done\n/)
  })
})
