// A laptop that was closed, and is opened again: real processes, stopped and killed until the server takes them for away, and what they have of the talk
// without them.
import { deepEqual, equal } from 'node:assert/strict'
import { freed, gather, Member } from '../stage/company.js'
import { useStage } from '../stage/stage.js'

const list = 'friends'

interface Row { readonly name: string; readonly presence: string }

describe('whoever was away', () => {
  const stage = useStage()

  const company = async (...who: readonly string[]): Promise<readonly Member[]> => {
    stage.loads('hasty')
    const { line } = await stage.sealedServer(['--request-rate', '0'])
    const members = who.map((name) => new Member(name, () => stage.sealedPeer(line, name)))
    await gather(list, members)
    return members
  }

  /** Asks until the server takes it for away: what a question costs is all that passes between two. */
  const untilAway = async (by: Member, who: Member): Promise<void> => {
    for (;;) {
      by.program.type(`members ${list}`)
      const [said] = await by.program.line(/"_tag":"Answered".*/)
      const { members = [] } = JSON.parse(`{${said}`) as { readonly members?: readonly Row[] }
      if (members.some(({ name, presence }) => name === who.name && presence === 'away')) return
    }
  }

  const without = async (from: Member, text: string, away: Member): Promise<void> => {
    const { undelivered, unknown } = await from.sends(list, text)
    deepEqual([undelivered, unknown], [[{ name: away.name, why: 'away' }], []], text)
  }

  const turned = async ({ program }: Member, to: 'on' | 'off'): Promise<void> => {
    // the answer to this question is behind the one to that line, and an answer is not said before what it rests on is durable
    program.type(`catch-up ${list} ${to}`, `members ${list}`)
    await program.line(/"_tag":"Answered".*"members"/)
  }

  const caughtUp = async (by: Member): Promise<readonly (readonly [string, boolean | undefined])[]> =>
    (await by.lines(list)).map(({ text, caughtUp: later }) => [text, later] as const)

  it('has it all when it is back, stopped or killed, each line once and in order, and marked', async () => {
    const [alice, bob, dave] = (await company('alice', 'bob', 'dave')) as [Member, Member, Member]
    await alice.sends(list, 'before')
    await dave.hears('before')

    dave.program.signal('SIGSTOP')
    await untilAway(alice, dave)
    await without(alice, 'stopped one', dave)
    await without(bob, 'stopped two', dave)
    dave.program.signal('SIGCONT')
    await dave.hears('stopped two')
    deepEqual(dave.shown(), ['before', 'stopped one', 'stopped two'])

    const first = dave.events()
    await dave.die()
    await untilAway(alice, dave)
    await without(alice, 'killed one', dave)
    await without(bob, 'killed two', dave)
    await dave.enter()
    await dave.hears('killed two')
    equal((await alice.sends(list, 'after')).delivered.length, 2)
    await dave.hears('after')

    const later = ['stopped one', 'stopped two', 'killed one', 'killed two']
    const all = ['before', ...later, 'after']
    deepEqual(await caughtUp(dave), all.map((text) => [text, later.includes(text) ? true : undefined]))
    const taken = [...first, ...dave.events()].filter(({ _tag, repeated }) => _tag === 'Taken' && repeated !== true)
    deepEqual(taken.map(({ text, caughtUp: isLater }) => [text, isLater]), all.map((text) => [text, later.includes(text) ? true : undefined]))
    deepEqual(taken.flatMap(({ missed }) => (missed === undefined ? [] : [missed])), [], 'nothing is missing when the next message comes')
    for (const member of [alice, bob]) deepEqual(await member.history(list), all, member.name)
  })

  it('has nothing of it where its user does not want it, or nobody has it; and is told how much that is', async () => {
    const [alice, bob, dave] = (await company('alice', 'bob', 'dave')) as [Member, Member, Member]
    await alice.sends(list, 'before')
    await dave.hears('before')
    for (const [round, off] of [[dave], [alice, bob]].entries()) {
      for (const member of off) await turned(member, 'off')
      await dave.die()
      await untilAway(alice, dave)
      await without(alice, `one of ${round}`, dave)
      await without(bob, `two of ${round}`, dave)
      await dave.enter()
      await alice.sends(list, `after ${round}`)
      const [told] = await dave.program.line(new RegExp(`"_tag":"Taken".*"text":"after ${round}".*`))
      equal((JSON.parse(`{${told}`) as { readonly missed?: number }).missed, 2)
      deepEqual((await dave.history(list)).slice(-2), round === 0 ? ['before', 'after 0'] : ['after 0', 'after 1'])
      // who has it is asked, and nobody says anything; where its user does not want it nobody is asked, and nothing is said but the number above
      if (round === 1) {
        const [gap] = await dave.program.line(/"_tag":"Gap".*/)
        deepEqual(JSON.parse(`{${gap}`), { _tag: 'Gap', list, from: 5, to: 6, missing: 2 })
      }
      equal(dave.events().filter(({ _tag }) => _tag === 'Gap').length, round)
      for (const member of off) await turned(member, 'on')
    }
  })

  it('has it of a co-member, too, that has begun anew, of epochs that are over', async () => {
    const [alice, bob, dave] = (await company('alice', 'bob', 'dave')) as [Member, Member, Member]
    await alice.sends(list, 'before')
    await dave.hears('before')
    await dave.die()
    await untilAway(alice, dave)
    // who gives it has it under a ring that dave never saw, and the server has another one now
    await freed(bob, list)
    await without(alice, 'one', dave)
    await without(bob, 'two', dave)
    await freed(bob, list)
    await alice.die()
    await bob.die()
    await bob.enter()
    await dave.enter()
    await dave.hears('two')
    deepEqual(await caughtUp(dave), [['before', undefined], ['one', true], ['two', true]])
  })
})
