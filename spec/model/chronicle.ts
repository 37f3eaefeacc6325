// Histories of a server to look back on: a morning that is told in full, and any that commands can make.
import { equal } from 'node:assert/strict'
import fc from 'fast-check'
import { self, server, type Address, type ProcessId } from '../../core/index.js'
import { identity } from '../arbitraries/keys.js'
import { roomy } from '../arbitraries/server.js'
import { reached } from './commands.js'
import { about, create, Desk, free, on } from './desk.js'
import { nobody, pastOf, recorded, type Keeping } from './past.js'
import type { Past } from '../../shell/cli/past.js'

/** A desk at which somebody keeps a journal. */
export class Chronicle extends Desk {
  readonly records: server.Entry[] = []

  override give(...[by, command]: Parameters<Desk['give']>): ReturnType<Desk['give']> {
    const { position } = this.state
    const response = super.give(by, command)
    if (this.state.position > position) this.records.push(server.entryOf({ at: this.state.at, by, command }))
    return response
  }
}

/** A morning: who begins a message, who is in its way, and who ends it. */
export const morning = (): Chronicle => {
  const desk = new Chronicle()
  desk.give(self, { _tag: 'Start', process: '00112233aabbccdd' as ProcessId, settings: { ...server.settingsOf(free), maxLists: 7 } })
  equal(desk.classic('register Me 192.168.2.7 22000'), '200')
  equal(desk.classic('register evil\u202ename 192.168.2.8 22002'), '200')
  equal(desk.classic('create friends'), '200')
  equal(desk.classic('join friends Me'), '200')
  equal(desk.register(0, 'Alice'), 200)
  equal(desk.register(1, 'Foo Bar'), 200)
  equal(desk.classic('im-start friends Me').slice(0, 3), '200')
  equal(desk.ask(0, on('Join', 'friends', 'Alice')), 463)
  equal(desk.ask(1, create('club', 'closed')), 200)
  equal(desk.ask(1, on('Invite', 'club', 'Alice')), 200)
  desk.now = 65_000
  equal(desk.operate(on('Release', 'friends', 'Me')), 200)
  desk.give(self, { _tag: 'Moved', key: identity(0).seals, address: { ip: '2001:db8::7', port: 4000 } as Address })
  equal(desk.ask(0, about('Exit', 'Alice')), 200)
  return desk
}

export const usual: Keeping = { together: 3, apart: 2 }
/** Its past, in which something may be damaged. */
export const morningPast = (damage = {}): Past => pastOf(nobody(free), morning().records, usual, damage)

/** Histories of every kind of command, kept in every way. */
export const histories = (): fc.Arbitrary<{ readonly first: server.Directory; readonly records: ReadonlyArray<server.Entry>; readonly keeping: Keeping }> =>
  roomy().chain((bounds) =>
    fc.tuple(reached(bounds, 40), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })).map(([{ inputs }, together, apart]) =>
      ({ first: nobody(bounds), records: recorded(bounds, inputs), keeping: { together, apart } })),
  )
