// Lists with original programs on them, on real sockets: what members with keys send leaves in clear for those, when the user says so, once, and comes home.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { limits } from '../../core/index.js'
import { freed, gather, Member, names, type Report } from '../stage/company.js'
import { command, host, useStage } from '../stage/stage.js'
import type { Program } from '../stage/program.js'

/** What an original has shown. */
const shown = ({ said }: Program): readonly string[] => said.filter((line) => line.startsWith('MESSAGE'))

const leaves = (report: Report): readonly string[] => report.leaves.map(({ name, outcome, why }) => [name, outcome, ...(why === undefined ? [] : [why])].join(' '))

describe('a list with originals on it', () => {
  const stage = useStage()

  it('has a message of a member with a key once on each screen, where that was allowed, and its report says which it knows and which it was only told', async () => {
    const { line, port } = await stage.sealedServer(['--request-rate', '0'])
    const [alice, bob] = ['alice', 'bob'].map((name) => new Member(name, () => stage.sealedPeer(line, name))) as [Member, Member]
    await gather('friends', [alice, bob], '--open')
    const [{ program: dora, port: at }, { program: ed, port: beside }] = [await stage.peer(port), await stage.peer(port)]
    await command(dora, `register dora ${host} ${at}`, 'join friends dora')
    await command(ed, `register ed ${host} ${beside}`, 'join friends ed')

    // without a word of the user nothing is begun, nothing leaves, and nobody is held
    alice.program.type('send friends in the open')
    const [refused = ''] = await alice.program.line(/"_tag":"NotBegun".*/)
    match(refused, /"name":"InClear","sentence":"dora, ed are classic members, .*--allow-classic/)
    await command(dora, 'leave friends dora', 'join friends dora')

    const first = await alice.sends('--allow-classic friends', 'hello')
    deepEqual([names(first.delivered), first.undelivered, first.unknown], [['bob'], [], []])
    // who left and joined again is behind the other
    deepEqual(leaves(first), ['ed bounced', 'dora bounced'])
    await bob.hears('hello')

    const long = await alice.sends('--allow-classic friends', 'ы'.repeat(600))
    deepEqual([names(long.delivered), leaves(long)], [['bob'], ['ed notSent tooLarge', 'dora notSent tooLarge']])

    // an original's own message goes round as ever: in clear, and past those with keys
    dora.type('im-start friends dora', 'from dora')
    await dora.line(/^COMPLETE \["dora", "alice", "bob", "ed"\]$/)
    for (const { program } of [alice, bob]) await program.line(/"_tag":"Shown","from":"dora","text":"from dora","unproven":true/)
    await command(dora, 'im-complete friends dora')

    ed.signal('SIGKILL')
    await ed.ended
    const partial = await alice.sends('--allow-classic friends', 'is ed there?')
    deepEqual([names(partial.delivered), leaves(partial)], [['bob'], ['ed silent', 'dora bounced']])
    ok(partial.ms >= limits.leafSilentMs && partial.ms < 2 * limits.leafSilentMs, String(partial.ms))
    ok(await freed(bob, 'friends') < limits.leafSilentMs)

    // who was sent it is not sent it again
    alice.program.type(`resend --allow-classic ${partial.im}`)
    const [again = ''] = await alice.program.line(/"_tag":"NotBegun".*/)
    match(again, /a classic member gets one copy/)

    deepEqual([shown(dora), shown(ed)], [['MESSAGE alice: "hello"', 'MESSAGE alice: "is ed there?"'], ['MESSAGE alice: "hello"', 'MESSAGE dora: "from dora"']])
    deepEqual(bob.shown(), ['hello', 'ы'.repeat(600), 'is ed there?'])
  })

  it('tells a person so, and the exit code', async () => {
    const { line, port } = await stage.sealedServer(['--request-rate', '0'])
    const [alice, bob] = ['alice', 'bob'].map((name) => new Member(name, () => stage.sealedPeer(line, name))) as [Member, Member]
    await gather('friends', [alice, bob], '--open')
    const { program: dora, port: at } = await stage.peer(port)
    await command(dora, `register dora ${host} ${at}`, 'join friends dora')
    alice.program.finish()
    await alice.program.ended
    const says = async (code: number, said: RegExp, ...args: readonly string[]): Promise<void> => {
      const program = stage.peal('peer', line, '--as', 'alice', '-c', 'register alice', ...args)
      const ended = await program.ended
      ok([...program.said, ...ended.stderr.split('\n')].some((one) => said.test(one)), `${program.said.join('\n')}\n${ended.stderr}`)
      equal(ended.code, code)
    }
    await says(64, /^not sent to friends: dora is a classic member, whose copy would go in clear.*--allow-classic sends it so$/, '-c', 'send friends one')
    await says(0, /^delivered 1\/2 in \d+ ms; in clear, unproven: dora$/, '-c', 'send --allow-classic friends two')
    await says(0, /^delivered 1\/2 in \d+ ms; in clear, unproven: dora$/, '--allow-classic', '-c', 'send friends three')
    await says(0, /^delivered 1\/2 in \d+ ms; in clear, unproven: dora$/, '-c', 'im-start --allow-classic friends', '-c', 'four')
    await says(3, /^delivered 1\/2 in \d+ ms; not sent: dora \(too large for classic\)$/, '--allow-classic', '-c', `send friends ${'ы'.repeat(600)}`)
    dora.signal('SIGKILL')
    await dora.ended
    await says(3, /^delivered 1\/2 in \d+ ms; no receipt: dora \(in clear, silent\)$/, '--allow-classic', '-c', 'send friends five')
    deepEqual(shown(dora), ['two', 'three', 'four'].map((text) => `MESSAGE alice: "${text}"`))
  })
})
