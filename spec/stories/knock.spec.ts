// Stories of members that do not get through to each other until both have said hello (F29): production peers, channels and a server, on a network whose
// filters let in only what was asked for.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { channel, limits, operator, peer, presence, self, server, showAddress, type ContactName, type ListName, type Nonce, type Tag } from '../../core/index.js'
import { Campus } from '../model/campus.js'
import { fair, type Post } from '../model/link.js'
import { boxed } from '../model/pair.js'

const list = 'list' as ListName
const office = '192.168.1.1:22000'

/** The server is asked, and tells nobody who asks. */
const silent: typeof presence.machine = {
  ...presence.machine,
  reduce: (state, input) => {
    const step = presence.machine.reduce(state, input)
    return { ...step, effects: step.effects.filter(({ _tag }) => _tag !== 'Knock') }
  },
}

const sends = (campus: Campus, who: number, text: string): void => {
  const [member] = campus.members.slice(who)
  ok(member)
  campus.give(member, operator, { _tag: 'Send', list, text, salt: '5a'.repeat(16) as Tag, patience: 'once', inClear: true })
}

const report = (campus: Campus, who: number): { readonly delivered: number; readonly unknown: number; readonly ms: number } => {
  const last = campus.members[who]?.notices.findLast((notice) => notice._tag === 'Reported' && !notice.again)
  ok(last?._tag === 'Reported', 'there is a report')
  return { delivered: last.delivered.length, unknown: last.unknown.length, ms: last.ms }
}

const shown = (campus: Campus, who: number): ReadonlyArray<string> => campus.members[who]?.notices.flatMap((notice) => (notice._tag === 'Taken' ? [notice.text] : [])) ?? []

/** Two members of a list, who have never met. */
const strangers = (watcher: typeof presence.machine): Campus => {
  const campus = new Campus(2, fair, 7, { ...server.defaults, hash: boxed(0).hash })
  campus.watcher = watcher
  campus.pass(10)
  campus.members.forEach((_, i) => campus.ask(i, { _tag: 'Register', contact: `Me${i}` as ContactName }))
  campus.pass(1000)
  campus.ask(0, { _tag: 'Create', list, policy: 'sealed' })
  campus.pass(1000)
  campus.members.forEach((_, i) => {
    campus.ask(i, { _tag: 'Join', list, contact: `Me${i}` as ContactName })
    campus.pass(1000)
  })
  return campus
}

/** Each is behind a filter, which lets in only from where its own machine has sent something. */
const filtered = (campus: Campus): void => {
  const opened = new Set<string>()
  campus.link.passes = ({ from, to }: Post<Uint8Array>) => {
    opened.add(`${from} ${to}`)
    return from === office || to === office || opened.has(`${to} ${from}`)
  }
}

/** Its process is gone: nothing comes to it, and nothing of it. */
const gone = (campus: Campus, who: number): void => {
  const place = showAddress(campus.members[who]?.own ?? { ip: '', port: 0 })
  campus.link.passes = ({ from, to }) => from !== place && to !== place
}

/** Another process of it, at the same place, with what its disk has. */
const back = (campus: Campus, who: number): void => {
  const [member] = campus.members.slice(who)
  ok(member)
  const { pins, courier } = member.state
  member.state = peer.sealed.initial({ nonce: '9'.repeat(32) as Nonce, seed: 99, pins, diary: courier.diary })
  member.sessions = channel.initial(Uint8Array.from({ length: 32 }, (_, i) => 200 - i))
  campus.link.passes = () => true
  campus.pass(10)
  campus.give(member, operator, { _tag: 'Ask', wish: { _tag: 'Register', contact: `Me${who}` as ContactName } })
}

describe('stories of members who look for each other', () => {
  it('F29: two behind filters, who hear each other only after both have said hello, get a message in the first round', () => {
    const campus = strangers(presence.machine)
    filtered(campus)
    sends(campus, 0, 'hello')
    campus.pass(limits.longestLeaseMs)
    deepEqual([shown(campus, 1), report(campus, 0).delivered, report(campus, 0).unknown], [['hello'], 1, 0])
    ok(report(campus, 0).ms < limits.silentMs, `${report(campus, 0).ms} ms`)
    // and so from the other side, also when the sessions are over
    campus.pass(200_000)
    sends(campus, 1, 'hello too')
    campus.pass(limits.longestLeaseMs)
    deepEqual([shown(campus, 0), report(campus, 1).delivered], [['hello too'], 1])
  })

  it('F29: without a knock they never hear each other', () => {
    const campus = strangers(silent)
    filtered(campus)
    sends(campus, 0, 'hello')
    campus.pass(limits.longestLeaseMs)
    deepEqual([shown(campus, 1), report(campus, 0).delivered, report(campus, 0).unknown], [[], 0, 1])
  })

  /** One dies and comes back a second after those who look for it have said all the hellos that they may. */
  const returning = (watcher: typeof presence.machine): Campus => {
    const campus = strangers(watcher)
    gone(campus, 1)
    sends(campus, 0, 'hello')
    campus.pass(700)
    // the system says that nobody listens there: twice of the copy that goes round, and of the direct one
    const [alice, bob] = campus.members
    ok(alice !== undefined && bob !== undefined)
    for (let n = 0; n < 4; n += 1) {
      campus.give(alice, self, { _tag: 'NeighbourClosed', key: bob.ciphers.own.seals })
      campus.pass(limits.refusalsApartMs)
    }
    equal(report(campus, 0).unknown, 1)
    back(campus, 1)
    campus.pass(1000)
    sends(campus, 0, 'are you there')
    campus.pass(limits.longestLeaseMs / 6)
    return campus
  }

  it('F29: a member that has come back is met at once, though whoever sends may say hello to it no more', () => {
    const campus = returning(presence.machine)
    deepEqual([shown(campus, 1).at(-1), report(campus, 0).unknown], ['are you there', 0])
    ok(report(campus, 0).ms < limits.silentMs, `${report(campus, 0).ms} ms`)
    // what was said to it while it was not there is no loss, for which later messages would hold their list longer
    const { loss } = campus.members[0]?.state.courier ?? { loss: { sends: 9, answers: 1 } }
    ok(loss.answers / loss.sends > 0.64, JSON.stringify(loss))
  })

  it('F29: without a knock it is passed over for silence', () => deepEqual(report(returning(silent), 0).unknown, 1))
})

