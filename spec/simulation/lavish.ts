// Deliberate bugs of catching up (`bugs`): what was missed is given to anybody who asks, or taken of anybody who gives it, a user's word against it counts for
// nothing, or more is said to be missing than is.
import { kept, roll, sealed, type delivery, type ListName } from '../../core/index.js'
import { listName } from './names.js'

type Courier = ReturnType<typeof delivery.courier>

/** The newest message is given to whoever asks. */
export const lavish = (machine: Courier): Courier => ({
  ...machine,
  reduce: (state, input) => {
    const step = machine.reduce(state, input)
    const { command } = input
    const newest = kept.ofList(state.diary.kept, listName).at(-1)
    if (command._tag !== 'Hear' || command.frame._tag !== 'MissedWanted' || newest === undefined || roll.has(state.diary.apart, listName)) return step
    const [part] = sealed.partsOf(sealed.encodeEnvelope(newest), 0n) ?? []
    if (part === undefined) return step
    const frame: sealed.Frame = { _tag: 'Relay', im: newest.grant.im, kind: 'missed', head: new Uint8Array(0), part }
    return { ...step, effects: [...step.effects, { _tag: 'Seal', to: command.from, address: undefined, again: false, frame }] }
  },
})

/** What its user has said of a list it has forgotten when it is asked. */
export const heedless = (machine: Courier): Courier => ({
  ...machine,
  reduce: (state, input) => {
    if (input.command._tag === 'CatchUp') return machine.reduce(state, input)
    const { apart } = state.diary
    const step = machine.reduce({ ...state, diary: { ...state.diary, apart: roll.empty<ListName, true>() } }, input)
    return { ...step, state: { ...step.state, diary: { ...step.state.diary, apart } } }
  },
})

/** What has come of a gap is forgotten. */
export const miscounting = (machine: Courier): Courier => ({
  ...machine,
  reduce: (state, input) => machine.reduce({ ...state, gaps: state.gaps.map((gap) => ({ ...gap, filled: gap.filled.filter((no) => no < gap.fresh) })) }, input),
})

/** Whoever gives what was missed is the one that is asked. */
export const gullible = (machine: Courier): Courier => ({
  ...machine,
  reduce: (state, input) => {
    const { command } = input
    if (command._tag !== 'Hear' || command.frame._tag !== 'Relay' || command.frame.kind !== 'missed') return machine.reduce(state, input)
    return machine.reduce({ ...state, gaps: state.gaps.map((gap) => ({ ...gap, asked: command.from })) }, input)
  },
})
