// A failing plan, made smaller for as long as it fails by the same rule: fewer faults, fewer messages, fewer members, milder weather. What chance
// decides along the way falls out differently in each smaller plan, so that each is tried with a few other dice too.
import { run } from './run.js'
import type { Arms } from './bugs.js'
import type { Options, Skies } from './options.js'
import type { Fault, Plan } from './plan.js'

const dicePerPlan = 3

/** All but a run of them, the longest runs first. */
const withoutRuns = <A>(all: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> => {
  const shorter: Array<ReadonlyArray<A>> = []
  for (let length = all.length; length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < all.length; at += length) shorter.push([...all.slice(0, at), ...all.slice(at + length)])
  }
  return shorter
}

const milder = (skies: Skies): ReadonlyArray<Skies> => [
  { ...skies, loss: 0 },
  { ...skies, duplication: 0 },
  { ...skies, corruption: 0 },
  { ...skies, tail: 0 },
  { ...skies, reordering: false },
  { ...skies, delayMs: [skies.delayMs[0], skies.delayMs[0]] },
]

const folded = (members: number) => (who: number): number => (who <= members ? who : 1 + (who % members))

const within = (members: number, fault: Fault): Fault => {
  const to = folded(members)
  if (fault._tag === 'Strike' || fault._tag === 'Unlock') return fault
  return fault._tag === 'Cut' ? { ...fault, side: [...new Set(fault.side.map(to))] } : { ...fault, who: to(fault.who) }
}

/** The same with fewer members: what befell those who are left out befalls others. */
const smaller = (plan: Plan, members: number): Plan => ({
  ...plan,
  members,
  messages: plan.messages.map((message) => ({ ...message, from: folded(members)(message.from) })),
  faults: plan.faults.map((fault) => within(members, fault)),
  rogues: plan.rogues.filter(({ who }) => who <= members),
  rebinders: (plan.rebinders ?? []).map(folded(members)),
  burdened: (plan.burdened ?? []).filter((who) => who <= members),
})

/** A message's number is its place among them: strikes follow it. */
const withMessages = (plan: Plan, messages: Plan['messages']): Plan => {
  const places = plan.messages.map((message) => messages.indexOf(message))
  const faults = plan.faults.flatMap((fault): ReadonlyArray<Fault> => {
    if (fault._tag !== 'Strike') return [fault]
    const message = places[fault.message] ?? -1
    return message < 0 ? [] : [{ ...fault, message }]
  })
  return { ...plan, messages, faults }
}

const candidates = function* (plan: Plan): Generator<Plan> {
  for (const members of [3, Math.ceil(plan.members / 2), plan.members - 1]) if (members >= 3 && members < plan.members) yield smaller(plan, members)
  for (const faults of withoutRuns(plan.faults)) yield { ...plan, faults }
  for (const messages of withoutRuns(plan.messages)) yield withMessages(plan, messages)
  for (const rogues of withoutRuns(plan.rogues)) yield { ...plan, rogues }
  if ((plan.rebinders ?? []).length > 0) yield { ...plan, rebinders: [] }
  if ((plan.burdened ?? []).length > 0) yield { ...plan, burdened: [] }
  for (const skies of milder(plan.skies)) if (JSON.stringify(skies) !== JSON.stringify(plan.skies)) yield { ...plan, skies }
  if (plan.rates.some((rate) => rate !== 1)) yield { ...plan, rates: plan.rates.map(() => 1) }
  if (plan.messages.some(({ bytes }) => bytes > 10)) yield { ...plan, messages: plan.messages.map((message) => ({ ...message, bytes: Math.min(message.bytes, 10) })) }
}

/** The smallest plan that was found in at most `tries` runs, and still breaks `rule`. */
export const shrunk = (plan: Plan, options: Options, arms: Arms, rule: string, tries: number): Plan => {
  let left = tries
  const failing = (candidate: Plan): Plan | undefined => {
    for (let i = 0; i < dicePerPlan && left > 0; i++) {
      left -= 1
      const tried = { ...candidate, dice: candidate.dice + i }
      if (run(tried, options, arms).broken?.rule === rule) return tried
    }
    return undefined
  }
  const better = (from: Plan): Plan | undefined => {
    for (const candidate of candidates(from)) {
      if (left <= 0) return undefined
      const found = failing(candidate)
      if (found !== undefined) return found
    }
    return undefined
  }
  let best = plan
  for (let next = better(best); next !== undefined; next = better(best)) best = next
  return best
}
