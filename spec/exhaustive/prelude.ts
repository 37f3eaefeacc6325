// How a scene begins: the initiator has its grant, and what it sends first waits for a write. Where the message is sent again, all that has been before:
// some took it under the first grant, the initiator has told what it knew of, and all that was sent is still on its way.
import { instants, opening, reopening, type Member, type Scene } from './scene.js'
import type { Grants } from './office.js'
import type { delivery } from '../../core/index.js'
import type { Happening, Local, Locals, Out } from './locals.js'

interface Begun {
  readonly local: Local
  readonly out: ReadonlyArray<Out>
}

const given = (command: delivery.Command): Happening => ({ _tag: 'Message', command })
const durable: Happening = { _tag: 'Durable' }

/** One thing after another. */
const played = (machine: Locals, before: Begun, happenings: ReadonlyArray<Happening>, at = instants.first): Begun =>
  happenings.reduce<Begun>((so, happening) => {
    const { local, out, broken } = machine.happen(so.local, at, happening)
    if (broken !== undefined) throw new Error(`${broken.rule} is broken before anything has begun: ${broken.what}`)
    return { local, out: [...so.out, ...out] }
  }, before)

const framesTo = (out: ReadonlyArray<Out>, { key }: Member, from: Member, kind: 'Relay' | 'Ack'): ReadonlyArray<Happening> =>
  out.flatMap((effect) => (effect._tag === 'Seal' && effect.to === key && effect.frame._tag === kind ? [given({ _tag: 'Hear', from: from.key, frame: effect.frame })] : []))

export const prelude = ({ again, away }: Scene, members: ReadonlyArray<Member>, machines: ReadonlyArray<Locals>, { first, live }: Grants): ReadonlyArray<Begun> => {
  const { root } = first.grant
  const starts = machines.map((machine): Begun => ({ local: machine.first(), out: [] }))
  const [initiator, machine, start] = [members[0] as Member, machines[0] as Locals, starts[0] as Begun]
  const sent = played(machine, start, opening(first).map(given))
  if (again === undefined) {
    return starts.map((before, place) => live.filter(({ grant }) => grant.initiator === place).reduce((so, one) => played(machines[place] as Locals, so, opening(one).map(given)), before))
  }
  const second = live[0] ?? first
  const direct = played(machine, sent, [durable, { _tag: 'Timer', timer: { _tag: 'Halfway', im: root } }])
  const others = members.slice(1).map((member, i): Begun => {
    const [own, before] = [machines[i + 1] as Locals, starts[i + 1] as Begun]
    return again.includes(member.place) ? played(own, before, [...framesTo(direct.out, member, initiator, 'Relay').slice(-1), durable]) : before
  })
  const acks = others.flatMap(({ out }, i) => away.includes(i + 1) ? [] : framesTo(out, initiator, members[i + 1] as Member, 'Ack'))
  const told = played(machine, direct, [...acks, { _tag: 'Timer', timer: { _tag: 'Latest', im: root } }, durable])
  return [played(machine, told, reopening(second).map(given), instants.second), ...others]
}
