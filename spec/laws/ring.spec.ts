// The ring, on the production machines of a server and its peers, with every order in which datagrams can arrive.
import { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { ContactName, ListName, roll, server, type peer } from '../../core/index.js'
import { Village } from '../model/village.js'
import { rule } from '../protocol.js'

const names = ['Me', 'Myself', 'I', 'Foo Bar', '__proto__', 'Привет', 'Ω'].filter(ContactName.is)
const lists = ['list_1', '__proto__', 'l 3'].filter(ListName.is)

/** Who is on which list, who sends what to which, and in which order datagrams arrive. */
const gatherings = fc
  .record({
    memberships: fc.tuple(...lists.map(() => fc.shuffledSubarray(names, { minLength: 1 }))),
    sendings: fc.array(fc.record({ list: fc.nat(lists.length - 1), sender: fc.nat(99), text: fc.string({ unit: 'grapheme', maxLength: 12 }) }), { minLength: 1, maxLength: 12 }),
    order: fc.array(fc.nat(999), { minLength: 1, maxLength: 200 }),
    duplicates: fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }),
  })

/** A message, as its sender meant it. */
interface Meant { readonly list: ListName; readonly sender: ContactName; readonly text: string }

const meantBy = (memberships: ReadonlyArray<ReadonlyArray<ContactName>>, sendings: ReadonlyArray<{ list: number; sender: number; text: string }>): ReadonlyArray<Meant> =>
  sendings.flatMap(({ list, sender, text }, i) => {
    const members = memberships[list] ?? []
    const name = lists[list]
    const from = members[sender % members.length]
    return name === undefined || from === undefined ? [] : [{ list: name, sender: from, text: `${text} #${i}` }]
  })

const shown = (notices: ReadonlyArray<peer.Notice>): ReadonlyArray<string> =>
  notices.flatMap((notice) => (notice._tag === 'Shown' ? [`${notice.list ?? ''} ${notice.from} ${notice.text}`] : [])).sort()

const homes = (notices: ReadonlyArray<peer.Notice>): number => notices.filter(({ _tag }) => _tag === 'Home').length

describe('the ring', () => {
  it(rule('C20'), () => {
    fc.assert(
      fc.property(gatherings, fc.boolean(), ({ memberships, sendings, order, duplicates }, duplicating) => {
        const village = new Village(names.length)
        village.populate(names, lists.map((list, i) => ({ list, members: memberships[i] ?? [] })))
        const messages = meantBy(memberships, sendings)
        let turn = 0
        const deliver = (): void => {
          village.deliver(order[turn % order.length] ?? 0, duplicating && (duplicates[turn % duplicates.length] ?? false) && turn < 60)
          turn += 1
        }
        for (const { list, sender, text } of messages) {
          const who = names.indexOf(sender)
          while (village.inhabitants[who]?.state.phase._tag !== 'Idle') deliver()
          village.type(who, { _tag: 'ImStart', list, contact: sender }, text)
        }
        while (village.underWay > 0) deliver()
        names.forEach((name, who) => {
          const notices = village.inhabitants[who]?.notices ?? []
          const expected = messages
            .filter(({ list, sender }) => sender !== name && memberships[lists.indexOf(list)]?.includes(name))
            .map(({ list, sender, text }) => `${list} ${sender} ${text}`)
          deepEqual(shown(notices), expected.sort())
          equal(homes(notices), messages.filter(({ sender }) => sender === name).length)
          deepEqual(notices.filter(({ _tag }) => _tag === 'NotPassed' || _tag === 'Overdue'), [])
        })
        equal(village.directory.ongoing, messages.length)
        deepEqual(roll.values(village.directory.lists).map((list) => list.ims.length), lists.map((name) => messages.filter(({ list }) => list === name).length))
      }),
      { numRuns: 400 },
    )
  })

  it('is closed again by as many im-completes as there were im-starts', () => {
    fc.assert(
      fc.property(gatherings, ({ memberships, sendings }) => {
        const village = new Village(names.length)
        village.populate(names, lists.map((list, i) => ({ list, members: memberships[i] ?? [] })))
        const messages = meantBy(memberships, sendings)
        for (const { list, sender, text } of messages) {
          village.type(names.indexOf(sender), { _tag: 'ImStart', list, contact: sender }, text)
          village.settle()
        }
        for (const { list, sender } of messages) {
          village.type(names.indexOf(sender), { _tag: 'ImComplete', list, contact: sender })
          village.settle()
        }
        equal(village.directory.ongoing, 0)
        deepEqual(server.violations(village.directory), [])
        const refused = village.inhabitants.flatMap(({ notices }) => notices).filter((notice) => notice._tag === 'Answered' && notice.code !== 200)
        deepEqual(refused, [])
      }),
      { numRuns: 100 },
    )
  })
})
